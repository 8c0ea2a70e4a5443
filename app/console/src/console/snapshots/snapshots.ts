import { graphql, type ResultOf } from "../api/graphql";

export const SNAPSHOTS = graphql(`
  query Snapshots($first: Int!, $after: String, $filter: SnapshotFilter!, $orderBy: SnapshotOrder!) {
    snapshots(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes {
        id
        name
        status
        statusReason
        progressPercent
        sizeGb
        volume { id name }
        createdBy
        createdAt
        actions { action allowed problem { message } }
      }
    }
  }
`);

export type Snapshot = NonNullable<ResultOf<typeof SNAPSHOTS>["snapshots"]>["nodes"][number];
export type SnapshotStatus = Snapshot["status"];
export type SnapshotField = "CREATED_AT" | "NAME" | "SIZE" | "STATUS";
