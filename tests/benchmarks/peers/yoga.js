// graphql-yoga on Node's own server, with graphql-ws: `node yoga.js PORT`, the database by PGHOST and PGDATABASE.
import { createServer } from "node:http";

import { useServer } from "graphql-ws/use/ws";
import { createPubSub, createSchema, createYoga } from "graphql-yoga";
import { WebSocketServer } from "ws";

import { rename, resolvers as shared, schema as typeDefs } from "./rows.js";

const changes = createPubSub();
const schema = createSchema({
  typeDefs,
  resolvers: {
    ...shared,
    Mutation: {
      updateSnapshot: async (_, { input }, { tenant }) => {
        const snapshot = await rename(tenant, input.id, input.name);
        changes.publish(tenant, { snapshotChanges: { kind: "CHANGED", status: snapshot.status, snapshot } });
        return { snapshot };
      },
    },
    Subscription: { snapshotChanges: { subscribe: (_, __, { tenant }) => changes.subscribe(tenant) } },
  },
});
const context = ({ request }) => ({ tenant: request.headers.get("x-tenant") });
const server = createServer(createYoga({ schema, context, graphiql: false, logging: false }));
const sockets = new WebSocketServer({ server, path: "/graphql" });
useServer({ schema, context: ({ connectionParams }) => ({ tenant: connectionParams.tenant }) }, sockets);
server.listen(Number(process.argv[2]), "127.0.0.1");
