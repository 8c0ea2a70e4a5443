// A volume's creation, as a client that watches must be told of it: once, in order, up to AVAILABLE.
import assert from "node:assert/strict";
import { print } from "graphql";
import type { CreateVolumeMutation, WatchSubscription } from "./generated/graphql.ts";
import { headers, url } from "./service.ts";
import { CREATE } from "./volume.ts";

export type Message = WatchSubscription["volumeChanges"];

export const input = { name: "from-a-client", sizeGb: 10, product: "SSD" };

/** The id of the volume that a mutation made. */
export function made({ createVolume }: CreateVolumeMutation): string {
  assert.equal(createVolume?.__typename, "VolumePayload");
  assert.equal(createVolume.volume.status, "CREATING");
  return createVolume.volume.id;
}

/** Creates a volume by none of the clients, for those that are cut off. */
export async function createElsewhere(): Promise<string> {
  const response = await fetch(url, {
    method: "POST",
    body: JSON.stringify({ query: print(CREATE), variables: { input } }),
    headers: { ...headers, "Content-Type": "application/json" },
  });
  const { data } = (await response.json()) as { data: CreateVolumeMutation };
  return made(data);
}

/** Creates a volume once the stream has told what there was before, and reads on until that volume is AVAILABLE. */
export async function watched(stream: AsyncIterable<Message>, create: () => Promise<string>): Promise<void> {
  let id: string | undefined;
  const told: Message[] = [];
  for await (const message of stream) {
    if (id === undefined && message.kind === "BOOKMARK") id = await create();
    if (message.volumeId !== null && message.volumeId === id) told.push(message);
    if (told.at(-1)?.status === "AVAILABLE") break;
  }
  toldOnce(told);
}

/** Each change came once, and the last made the volume AVAILABLE. */
export function toldOnce(told: Message[]): void {
  assert.equal(told[0]?.kind, "CREATED");
  assert.ok(told.slice(1).every(({ kind }) => kind === "CHANGED"));
  assert.equal(new Set(told.map(({ cursor }) => cursor)).size, told.length);
  assert.equal(told.at(-1)?.status, "AVAILABLE");
  assert.equal(told.at(-1)?.volume?.status, "AVAILABLE");
}
