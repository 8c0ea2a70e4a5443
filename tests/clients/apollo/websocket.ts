// Apollo Client 4 over a WebSocket: its link for the package graphql-ws.
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { createClient } from "graphql-ws";
import { headers, socketUrl } from "../service.ts";
import { watch } from "./watch.ts";

await watch(new GraphQLWsLink(createClient({ url: socketUrl, connectionParams: headers })));
