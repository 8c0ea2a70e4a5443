// gql.tada: a document is typed where it stands, from the schema, with nothing generated for it.
import assert from "node:assert/strict";
import { initGraphQLTada, type ResultOf, type VariablesOf } from "gql.tada";
import { print } from "graphql";
import type { introspection } from "../generated/graphql-env.d.ts";
import { headers, url } from "../service.ts";

const graphql = initGraphQLTada<{
  introspection: introspection;
  scalars: { DateTime: string; ByteCount: number };
}>();

const CREATE = graphql(`
  mutation CreateVolume($input: CreateVolumeInput!) {
    createVolume(input: $input) {
      __typename
      ... on VolumePayload {
        volume {
          status
          createdAt
        }
      }
      ... on InvalidInput {
        fields {
          path
        }
      }
    }
  }
`);

async function create(input: VariablesOf<typeof CREATE>["input"]): Promise<ResultOf<typeof CREATE>["createVolume"]> {
  const response = await fetch(url, {
    method: "POST",
    headers: { ...headers, "Content-Type": "application/json" },
    body: JSON.stringify({ query: print(CREATE), variables: { input } }),
  });
  return ((await response.json()) as { data: ResultOf<typeof CREATE> }).data.createVolume;
}

const made = await create({ name: "from-gql-tada", sizeGb: 10, product: "SSD" });
assert.equal(made?.__typename, "VolumePayload");
assert.equal(made.volume.status, "CREATING" satisfies typeof made.volume.status);
assert.ok(Date.parse(made.volume.createdAt));

const refused = await create({ name: "no", sizeGb: 1, product: "SSD" });
assert.equal(refused?.__typename, "InvalidInput");
assert.deepEqual(refused.fields.map(({ path }) => path), [["name"], ["sizeGb"]]);

// @ts-expect-error  the schema knows no such field, and tsc says so
void (() => create({ name: "from-gql-tada", sizeGb: 10, product: "SSD", colour: "red" }));
