// A wire to the service that can be cut: TCP through this process, so that neither end is told of the cut beforehand.
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { url } from "./service.ts";

const { hostname, port } = new URL(url);
const ends = new Set<Socket>();

const server = createServer((near) => {
  const far = connect(Number(port), hostname);
  for (const end of [near, far]) {
    ends.add(end);
    end.on("error", cut).on("close", () => ends.delete(end));
  }
  near.pipe(far).pipe(near);
});
server.listen(0, "127.0.0.1").unref();
await once(server, "listening");

/** The service's address by way of the wire. */
export const wired = new URL(url);
wired.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;

/** Ends every connection at once, without a farewell. */
export function cut(): void {
  for (const end of ends) end.resetAndDestroy();
}
