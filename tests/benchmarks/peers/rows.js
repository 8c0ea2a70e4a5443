// What both Node peers have in common: the schema, and one prepared statement for a page and its volumes.
// A tenant is whom the caller says: no token is checked, no journal is written, no quota is counted.
import { GraphQLScalarType } from "graphql";
import pg from "pg";

pg.types.setTypeParser(pg.types.builtins.INT8, Number);
const pool = new pg.Pool({ max: 16 });

export const schema = `
  scalar DateTime
  type Volume { id: ID! name: String! status: String! }
  type Snapshot {
    id: ID! name: String! description: String! status: String! statusReason: String sizeGb: Int! product: String!
    usedBytes: Int consistency: String createdBy: String! createdAt: DateTime! version: Int! volume: Volume!
  }
  type PageInfo { hasNextPage: Boolean! endCursor: String }
  type SnapshotEdge { cursor: String! }
  type SnapshotConnection { nodes: [Snapshot!]! edges: [SnapshotEdge!]! pageInfo: PageInfo! }
  type SnapshotPayload { snapshot: Snapshot! }
  type SnapshotMessage { kind: String! status: String snapshot: Snapshot }
  input UpdateSnapshotInput { id: ID! name: String! }
  type Query { snapshots(first: Int, after: String): SnapshotConnection snapshot(id: ID!): Snapshot }
  type Mutation { updateSnapshot(input: UpdateSnapshotInput!): SnapshotPayload }
  type Subscription { snapshotChanges(after: String): SnapshotMessage! }
`;

const COLUMNS = `s.id, s.name, s.description, s.status, s.status_reason AS "statusReason", s.size_gb AS "sizeGb",
  s.product, s.used_bytes AS "usedBytes", s.consistency, s.created_by AS "createdBy", s.created_at AS "createdAt",
  s.version, v.id AS "volumeId", v.name AS "volumeName", v.status AS "volumeStatus"`;
const FROM = "FROM snapshot s JOIN volume v ON v.id = s.volume_id";

const told = (row) => ({ ...row, volume: { id: row.volumeId, name: row.volumeName, status: row.volumeStatus } });
const cursor = (row) => Buffer.from(`${row.createdAt.toISOString()}|${row.id}`).toString("base64url");

async function page(tenant, first, after) {
  const size = Math.min(first ?? 20, 100);
  const place = after ? Buffer.from(after, "base64url").toString().split("|") : ["infinity", ""];
  const { rows } = await pool.query({
    name: `page of ${size}`, // with the limit as a parameter the plan would be a generic one, twice as slow
    text: `SELECT ${COLUMNS} ${FROM} WHERE s.tenant_id = $1 AND (s.created_at, s.id) < ($2, $3)
      ORDER BY s.created_at DESC, s.id DESC LIMIT ${size + 1}`,
    values: [tenant, ...place],
  });
  const nodes = rows.slice(0, size).map(told);
  const pageInfo = { hasNextPage: rows.length > size, endCursor: nodes.length ? cursor(nodes.at(-1)) : null };
  return { nodes, pageInfo };
}

async function one(tenant, id) {
  const text = `SELECT ${COLUMNS} ${FROM} WHERE s.tenant_id = $1 AND s.id = $2`;
  const { rows } = await pool.query({ name: "one", text, values: [tenant, id] });
  return rows.length ? told(rows[0]) : null;
}

export async function rename(tenant, id, name) {
  const text = `UPDATE snapshot SET name = $3, version = version + 1, updated_at = now()
    WHERE tenant_id = $1 AND id = $2 RETURNING id, name, status, version`;
  return (await pool.query({ name: "rename", text, values: [tenant, id, name] })).rows[0];
}

export const resolvers = {
  DateTime: new GraphQLScalarType({ name: "DateTime", serialize: (value) => value.toISOString() }),
  Query: {
    snapshots: (_, { first, after }, { tenant }) => page(tenant, first, after),
    snapshot: (_, { id }, { tenant }) => one(tenant, id),
  },
  SnapshotConnection: { edges: ({ nodes }) => nodes.map((node) => ({ cursor: cursor(node) })) },
};
