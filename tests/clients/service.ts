// Where the service is and who is calling: the two arguments of each script that talks to it.

const [address = "http://localhost:8000", token = "demo"] = process.argv.slice(2);

export const url = `${address}/graphql`;
export const socketUrl = url.replace("http", "ws");
export const headers = { Authorization: `Bearer ${token}` };

/** A script waits for events and never longer than this. */
const BOUND_MS = 20_000;
setTimeout(() => {
  throw new Error(`what was promised did not come within ${BOUND_MS} ms`);
}, BOUND_MS).unref();
