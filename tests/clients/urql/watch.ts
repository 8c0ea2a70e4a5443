// urql with an exchange that can subscribe: it watches, creates a volume, and is told of it.
import assert from "node:assert/strict";
import { Client, type Exchange } from "@urql/core";
import { map, pipe, toAsyncIterable } from "wonka";
import { input, made, watched } from "../creation.ts";
import { headers, url } from "../service.ts";
import { CREATE, WATCH } from "../volume.ts";

export async function watch(...exchanges: Exchange[]): Promise<void> {
  const client = new Client({ url, exchanges, fetchOptions: { headers }, fetchSubscriptions: true });
  const stream = pipe(
    client.subscription(WATCH, {}),
    map(({ data, error }) => {
      assert.ok(data, error?.message);
      return data.volumeChanges;
    }),
    toAsyncIterable,
  );
  await watched(stream, async () => {
    const { data, error } = await client.mutation(CREATE, { input });
    assert.ok(data, error?.message);
    return made(data);
  });
}
