// Apollo Client 4 over HTTP: a mutation's payload and its problem as one typed union, a query, and two kinds of error.
import assert from "node:assert/strict";
import { ApolloClient, CombinedGraphQLErrors, gql, HttpLink, InMemoryCache, ServerError } from "@apollo/client";
import possibleTypes from "../generated/possible-types.ts";
import { input, made } from "../creation.ts";
import { headers, url } from "../service.ts";
import { CREATE, LIST } from "../volume.ts";

const cache = new InMemoryCache(possibleTypes);
const client = new ApolloClient({ cache, link: new HttpLink({ uri: url, headers }) });

const created = await client.mutate({ mutation: CREATE, variables: { input } });
assert.ok(created.data);
const id = made(created.data);

const listed = await client.query({ query: LIST, variables: { first: 100 } });
assert.ok(listed.data?.volumes?.nodes.some((volume) => volume.id === id));

const refused = await client.mutate({ mutation: CREATE, variables: { input: { ...input, sizeGb: 1 } } });
const problem = refused.data?.createVolume;
assert.equal(problem?.__typename, "InvalidInput");
assert.equal(problem.code, "INVALID_INPUT");
assert.deepEqual(problem.fields.map(({ path }) => path), [["sizeGb"]]);

await assert.rejects(client.query({ query: gql`{ noSuchField }` }), (error) => {
  assert.ok(CombinedGraphQLErrors.is(error));
  assert.match(error.message, /noSuchField/);
  return true;
});

const stranger = new ApolloClient({
  cache: new InMemoryCache(),
  link: new HttpLink({ uri: url, headers: { Authorization: "Bearer nobody's" } }),
});
await assert.rejects(stranger.query({ query: LIST, variables: { first: 1 } }), (error) => {
  assert.ok(ServerError.is(error));
  assert.equal(error.statusCode, 401);
  return true;
});
