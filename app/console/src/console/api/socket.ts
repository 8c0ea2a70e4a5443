import { type Client, createClient } from "graphql-ws";

import { ADDRESS, credentials } from "./client";

const PING_EVERY_MS = 10_000;
const PONG_WITHIN_MS = 5_000;

/** Makes the one socket of all streams. It never retries: that would resend the cursor of the beginning. */
export function makeSocket(token: string | null): Client {
  const url = new URL(ADDRESS);
  url.protocol = url.protocol.replace("http", "ws");
  let pong: number;
  const socket = createClient({
    url: url.href,
    connectionParams: credentials(token),
    retryAttempts: 0,
    keepAlive: PING_EVERY_MS,
    on: {
      // A cable that was pulled closes no socket: only the missing answer tells.
      ping: (received) => {
        if (!received) pong = window.setTimeout(() => socket.terminate(), PONG_WITHIN_MS);
      },
      pong: (received) => {
        if (received) clearTimeout(pong);
      },
      closed: () => clearTimeout(pong),
    },
  });
  return socket;
}
