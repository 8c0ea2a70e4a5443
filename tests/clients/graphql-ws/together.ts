// graphql-ws with several operations on one socket: two streams, a mutation and a query, and a bad document that ends
// nothing but itself.
import assert from "node:assert/strict";
import { print } from "graphql";
import { createClient } from "graphql-ws";
import { input, made, type Message, watched } from "../creation.ts";
import type { CreateVolumeMutation, VolumesQuery, WatchSubscription } from "../generated/graphql.ts";
import { headers, socketUrl } from "../service.ts";
import { CREATE, LIST, WATCH } from "../volume.ts";

let opened = 0;
const client = createClient({ url: socketUrl, connectionParams: headers, on: { opened: () => (opened += 1) } });

async function only<Data>(query: string, variables?: Record<string, unknown>): Promise<Data> {
  const results = await Array.fromAsync(client.iterate<Data>({ query, variables }));
  assert.equal(results.length, 1);
  const [result] = results;
  assert.ok(result?.data, JSON.stringify(result?.errors));
  return result.data;
}

async function* changes(): AsyncGenerator<Message> {
  for await (const { data } of client.iterate<WatchSubscription>({ query: print(WATCH) })) {
    assert.ok(data);
    yield data.volumeChanges;
  }
}

const creation = Promise.withResolvers<string>();
await Promise.all([
  watched(changes(), async () => {
    await assert.rejects(only("{ noSuchField }"), ([error]) => /noSuchField/.test(error.message));
    creation.resolve(made(await only<CreateVolumeMutation>(print(CREATE), { input })));
    return creation.promise;
  }),
  watched(changes(), () => creation.promise),
  creation.promise.then(async (id) => {
    const { volumes } = await only<VolumesQuery>(print(LIST), { first: 100 });
    assert.ok(volumes?.nodes.some((volume) => volume.id === id));
  }),
]);

assert.equal(opened, 1);
