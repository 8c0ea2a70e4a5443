import { createClient as createEventStreams, NetworkError } from "graphql-sse";
import { createClient as createSocket } from "graphql-ws";

const FORBIDDEN = 4403;

/** What subscriptions go over. */
export type Way = "WebSocket" | "SSE";

/** Makes a client for one subscription: the socket is told who is calling only once, at its beginning. */
export function open(way: Way, address: URL, headers: Record<string, string>) {
  // Whoever looks at a stream here should see it break.
  if (way === "SSE") return createEventStreams({ url: address.href, headers, retryAttempts: 0 });
  const url = new URL(address);
  url.protocol = url.protocol.replace("http", "ws");
  return createSocket({ url: url.href, connectionParams: headers, retryAttempts: 0 });
}

/** Whether a stream ended because the service does not know who is calling. */
export function isRefusal(reason: unknown): boolean {
  if (reason instanceof CloseEvent) return reason.code === FORBIDDEN;
  return reason instanceof NetworkError && (reason.response as Response | undefined)?.status === 401;
}

/** What can be shown of the reason for which a stream ended. */
export function said(reason: unknown): unknown {
  return reason instanceof CloseEvent ? new Error(`the socket was closed: ${reason.code} ${reason.reason}`) : reason;
}
