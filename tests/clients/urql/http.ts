// urql over HTTP as it comes: queries by GET and by POST, a mutation, two kinds of error, each answered in JSON
// although its Accept header names text/event-stream too.
import assert from "node:assert/strict";
import { Client, fetchExchange } from "@urql/core";
import { input, made } from "../creation.ts";
import { headers, url } from "../service.ts";
import { CREATE, LIST } from "../volume.ts";

const answers: { method: string | undefined; media: string | null }[] = [];

async function recorded(...[input, init]: Parameters<typeof fetch>): Promise<Response> {
  const response = await fetch(input, init);
  answers.push({ method: init?.method, media: response.headers.get("content-type") });
  return response;
}

const client = new Client({ url, exchanges: [fetchExchange], fetchOptions: { headers }, fetch: recorded });

const created = await client.mutation(CREATE, { input });
assert.ok(created.data, created.error?.message);
const id = made(created.data);

for (const preferGetMethod of [true, false]) {
  const listed = await client.query(LIST, { first: 100 }, { preferGetMethod });
  assert.ok(listed.data?.volumes?.nodes.some((volume) => volume.id === id), listed.error?.message);
}

const refused = await client.mutation(CREATE, { input: { ...input, sizeGb: 1 } });
assert.equal(refused.error, undefined);
assert.equal(refused.data?.createVolume?.__typename, "InvalidInput");

const wrong = await client.query("{ noSuchField }", {});
assert.match(wrong.error?.graphQLErrors[0]?.message ?? "", /noSuchField/);

const stranger = { fetchOptions: { headers: { Authorization: "Bearer nobody's" } } };
const unknown = await client.query(LIST, { first: 1 }, stranger);
assert.equal(unknown.error?.response.status, 401);

assert.deepEqual(answers.map(({ method }) => method), ["POST", "GET", "POST", "POST", "GET", "GET"]);
assert.ok(answers.every(({ media }) => media?.includes("json")), JSON.stringify(answers));
