// mercurius with its JIT, as its documentation has it: `node mercurius.js PORT`, the database by PGHOST and PGDATABASE.
import Fastify from "fastify";
import mercurius from "mercurius";

import { rename, resolvers as shared, schema } from "./rows.js";

const app = Fastify();
app.register(mercurius, {
  schema,
  jit: 1,
  context: (request) => ({ tenant: request.headers["x-tenant"] }),
  subscription: { onConnect: ({ payload }) => ({ tenant: payload.tenant }) },
  resolvers: {
    ...shared,
    Mutation: {
      updateSnapshot: async (_, { input }, { tenant, pubsub }) => {
        const snapshot = await rename(tenant, input.id, input.name);
        const snapshotChanges = { kind: "CHANGED", status: snapshot.status, snapshot };
        await pubsub.publish({ topic: tenant, payload: { snapshotChanges } });
        return { snapshot };
      },
    },
    Subscription: { snapshotChanges: { subscribe: (_, __, { tenant, pubsub }) => pubsub.subscribe(tenant) } },
  },
});
await app.listen({ host: "127.0.0.1", port: Number(process.argv[2]) });
