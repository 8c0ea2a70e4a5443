// urql over a WebSocket: its subscription exchange on the package graphql-ws, beside HTTP for the mutation.
import { fetchExchange, subscriptionExchange } from "@urql/core";
import { createClient } from "graphql-ws";
import { headers, socketUrl } from "../service.ts";
import { watch } from "./watch.ts";

const socket = createClient({ url: socketUrl, connectionParams: headers });

const overSocket = subscriptionExchange({
  forwardSubscription: ({ query = "", variables }) => ({
    subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query, variables }, sink) }),
  }),
});

await watch(overSocket, fetchExchange);
