import { randomUUID } from "node:crypto";
import { beforeAll, expect, test, vi } from "vitest";

const service = process.env["SERVICE"] ?? "http://localhost:8000";
const member = `test-${randomUUID()}`; // the token of a tenant that is this file's alone
let volumeId: string;

async function ask(query: string, variables: object = {}, token = member) {
  const response = await fetch(`${service}/graphql`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data: any; errors?: unknown };
  expect(errors).toBeUndefined();
  return data;
}

async function becomes(kind: "volume" | "snapshot", id: string, wanted?: string) {
  const query = `query($id: ID!) { it: ${kind}(id: $id) { status } }`;
  await vi.waitFor(async () => expect((await ask(query, { id })).it?.status).toBe(wanted), 10_000);
}

async function cut(name: string): Promise<string> {
  const made = await ask(
    `mutation($input: CreateSnapshotInput!) {
      createSnapshot(input: $input) { ... on SnapshotPayload { snapshot { id } } } }`,
    { input: { volumeId, name } },
  );
  return made.createSnapshot.snapshot.id;
}

beforeAll(async () => {
  const made = await ask(
    `mutation { createVolume(input: { name: "data", sizeGb: 10, product: "SSD" }) {
      ... on VolumePayload { volume { id } } } }`,
  );
  volumeId = made.createVolume.volume.id;
  await becomes("volume", volumeId, "AVAILABLE");
});

test("a snapshot whose name says so ends in ERROR", async () => {
  await becomes("snapshot", await cut("fail-create-1"), "ERROR");
});

test("a deletion is stuck, and an administrator gets it going", async () => {
  const id = await cut("nightly");
  await becomes("snapshot", id, "AVAILABLE");
  await ask("mutation { sandbox { failNext(verb: DELETE_SNAPSHOT, outcome: REFUSED) { __typename } } }");
  await ask("mutation($id: ID!) { deleteSnapshot(input: { id: $id }) { __typename } }", { id });
  await becomes("snapshot", id, "ERROR_DELETING");
  const retry = "mutation($id: ID!) { retrySnapshotDeletion(input: { id: $id }) { __typename } }";
  await ask(retry, { id }, `${member}-admin`);
  await becomes("snapshot", id, undefined);
});
