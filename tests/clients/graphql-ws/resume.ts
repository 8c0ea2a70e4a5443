// graphql-ws comes back by itself. It sends the operation as it is by then, so `after` leads it on from the last
// message.
import assert from "node:assert/strict";
import { print } from "graphql";
import { createClient } from "graphql-ws";
import type { Message } from "../creation.ts";
import type { WatchSubscription } from "../generated/graphql.ts";
import { Losses } from "../losses.ts";
import { headers } from "../service.ts";
import { WATCH } from "../volume.ts";
import { wired } from "../wire.ts";

const losses = new Losses();
const client = createClient({
  url: wired.href.replace("http", "ws"),
  connectionParams: headers,
  shouldRetry: () => true, // a connection that was reset is an error to Node, which graphql-ws else takes for final
  retryWait: losses.meanwhile,
});

const variables = {
  get after() {
    return losses.cursor;
  },
};

async function* changes(): AsyncGenerator<Message> {
  for await (const { data } of client.iterate<WatchSubscription>({ query: print(WATCH), variables })) {
    assert.ok(data);
    yield data.volumeChanges;
  }
}

await losses.survivedBy(changes());
