// graphql-sse, each operation on a connection of its own: a stream, a mutation, a query, and a bad document's errors.
import assert from "node:assert/strict";
import { print } from "graphql";
import { createClient } from "graphql-sse";
import { input, made, type Message, watched } from "../creation.ts";
import type { CreateVolumeMutation, VolumesQuery, WatchSubscription } from "../generated/graphql.ts";
import { headers, url } from "../service.ts";
import { CREATE, LIST, WATCH } from "../volume.ts";

const client = createClient({ url, headers, retryAttempts: 0 });

async function only<Data>(query: string, variables?: Record<string, unknown>) {
  const [result, ...more] = await Array.fromAsync(client.iterate<Data>({ query, variables }));
  assert.ok(result);
  assert.deepEqual(more, []);
  return result;
}

async function* changes(): AsyncGenerator<Message> {
  for await (const { data } of client.iterate<WatchSubscription>({ query: print(WATCH) })) {
    assert.ok(data);
    yield data.volumeChanges;
  }
}

let id: string | undefined;
await watched(changes(), async () => {
  const { data } = await only<CreateVolumeMutation>(print(CREATE), { input });
  assert.ok(data);
  return (id = made(data));
});

const { data } = await only<VolumesQuery>(print(LIST), { first: 100 });
assert.ok(data?.volumes?.nodes.some((volume) => volume.id === id));

const { errors } = await only("{ noSuchField }");
assert.match(errors?.[0]?.message ?? "", /noSuchField/);
