// graphql-sse comes back by itself. Its headers are made anew for each connection, so `Last-Event-ID` leads it on.
import assert from "node:assert/strict";
import { print } from "graphql";
import { createClient } from "graphql-sse";
import type { Message } from "../creation.ts";
import type { WatchSubscription } from "../generated/graphql.ts";
import { Losses } from "../losses.ts";
import { headers } from "../service.ts";
import { WATCH } from "../volume.ts";
import { wired } from "../wire.ts";

const losses = new Losses();
const client = createClient({
  url: wired.href,
  headers: () => (losses.cursor === undefined ? headers : { ...headers, "Last-Event-ID": losses.cursor }),
  retry: losses.meanwhile,
});

async function* changes(): AsyncGenerator<Message> {
  for await (const { data } of client.iterate<WatchSubscription>({ query: print(WATCH) })) {
    assert.ok(data);
    yield data.volumeChanges;
  }
}

await losses.survivedBy(changes());
