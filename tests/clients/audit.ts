// The audit of the package graphql-http: the draft of GraphQL over HTTP, every requirement and every recommendation.
import assert from "node:assert/strict";
import { auditServer } from "graphql-http";
import { headers, url } from "./service.ts";

const AUDITS = 61;

const results = await auditServer({
  url,
  fetchFn: (input: string, init: RequestInit = {}) =>
    fetch(input, { ...init, headers: { ...init.headers, ...headers, "x-requested-with": "graphql-http" } }),
});

const faults = results.filter((result) => result.status !== "ok");
assert.deepEqual(faults.map(({ id, name, status, reason }) => ({ id, name, status, reason })), []);
assert.equal(results.length, AUDITS);
