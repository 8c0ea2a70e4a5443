// graphql-ws with keepalive: each ping is answered by a pong, and the socket stays open.
import assert from "node:assert/strict";
import { createClient } from "graphql-ws";
import { headers, socketUrl } from "../service.ts";

const PONGS = 3;

const answered = Promise.withResolvers<void>();
let pings = 0;
let pongs = 0;
let closed = false;
const client = createClient({
  url: socketUrl,
  connectionParams: headers,
  lazy: false,
  keepAlive: 50,
  onNonLazyError: answered.reject,
  on: {
    ping: () => (pings += 1),
    pong: () => {
      pongs += 1;
      if (pongs === PONGS) answered.resolve();
    },
    closed: () => (closed = true),
  },
});

await answered.promise;
assert.equal(pings, PONGS);
assert.equal(closed, false);
await client.dispose();
