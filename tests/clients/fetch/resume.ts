// Plain fetch over SSE, no package at all. Each connection is left after one change, and the next one, with that
// event's id as Last-Event-ID, begins right behind it: nothing is missed, nothing comes twice.
import assert from "node:assert/strict";
import { print } from "graphql";
import { createElsewhere, type Message, toldOnce } from "../creation.ts";
import type { WatchSubscription } from "../generated/graphql.ts";
import { headers, url } from "../service.ts";
import { WATCH } from "../volume.ts";

interface Event {
  id: string;
  message: Message;
}

async function* events(place: Record<string, string>): AsyncGenerator<Event> {
  const response = await fetch(url, {
    method: "POST",
    body: JSON.stringify({ query: print(WATCH) }),
    headers: { ...headers, ...place, "Content-Type": "application/json", Accept: "text/event-stream" },
  });
  assert.match(response.headers.get("content-type") ?? "", /^text\/event-stream/);
  assert.ok(response.body);
  let text = "";
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    const blocks = (text + chunk).split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks.filter((block) => !block.startsWith(":"))) {
      const { event, id, data } = Object.fromEntries(block.split("\n").map((line) => line.split(/: ?(.*)/s)));
      assert.equal(event, "next");
      const result: { data: WatchSubscription } = JSON.parse(data);
      yield { id, message: result.data.volumeChanges };
    }
  }
}

async function first(stream: AsyncIterable<Event>, fits: (message: Message) => boolean): Promise<Event> {
  for await (const event of stream) if (fits(event.message)) return event;
  throw new assert.AssertionError({ message: "the stream ended" });
}

let event = await first(events({}), ({ kind }) => kind === "BOOKMARK");
const volume = await createElsewhere();
const told: Message[] = [];
while (told.at(-1)?.status !== "AVAILABLE") {
  event = await first(events({ "Last-Event-ID": event.id }), ({ kind }) => kind !== "BOOKMARK");
  if (event.message.volumeId === volume) told.push(event.message);
}
toldOnce(told);
