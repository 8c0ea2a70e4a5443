// A stream that loses its connection twice. Each time a volume is created before its client is back; resumed behind
// `cursor`, it tells of both, nothing twice, and not again what there was in the beginning.
import assert from "node:assert/strict";
import { createElsewhere, type Message, toldOnce } from "./creation.ts";
import { cut } from "./wire.ts";

const LOSSES = 2;

export class Losses {
  cursor: string | undefined;
  readonly #ids: string[] = [];

  /** What goes on while there is no connection. */
  readonly meanwhile = async (): Promise<void> => {
    this.#ids.push(await createElsewhere());
  };

  /** Reads the stream, which goes by the wire, through all its losses. */
  async survivedBy(stream: AsyncIterable<Message>): Promise<void> {
    const told: Message[] = [];
    for await (const message of stream) {
      this.cursor = message.cursor;
      told.push(message);
      const last = this.#ids.at(-1);
      const settled = last !== undefined && message.volumeId === last && message.status === "AVAILABLE";
      if (settled && this.#ids.length === LOSSES) break;
      if (settled || (last === undefined && message.kind === "BOOKMARK")) cut();
    }
    const resumed = told.slice(told.findIndex(({ kind }) => kind === "BOOKMARK"));
    assert.ok(resumed.every(({ kind }) => kind !== "CURRENT"));
    assert.equal(this.#ids.length, LOSSES);
    for (const id of this.#ids) toldOnce(resumed.filter(({ volumeId }) => volumeId === id));
  }
}
