import { graphql, type ResultOf } from "../api/graphql";

export const VOLUMES = graphql(`
  query Volumes($first: Int!, $after: String, $filter: VolumeFilter!, $orderBy: VolumeOrder!) {
    volumes(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes {
        id
        name
        status
        statusReason
        progressPercent
        category
        sizeGb
        product
        protected
        attachment { serverId serverName }
        createdBy
        createdAt
        actions { action allowed problem { message } }
      }
    }
  }
`);

export type Volume = NonNullable<ResultOf<typeof VOLUMES>["volumes"]>["nodes"][number];
export type VolumeCategory = Volume["category"];
export type VolumeStatus = Volume["status"];
export type VolumeField = "CREATED_AT" | "NAME" | "SIZE" | "STATUS";
