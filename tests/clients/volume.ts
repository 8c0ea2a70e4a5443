// A volume as all clients ask for it: the documents, typed from the schema by `npm run generate`.
import { graphql } from "./generated/index.ts";

export const LIST = graphql(`
  query Volumes($first: Int!, $after: String) {
    volumes(first: $first, after: $after, orderBy: { field: NAME, direction: ASC }) {
      totalCount
      nodes {
        id
        name
        status
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

export const CREATE = graphql(`
  mutation CreateVolume($input: CreateVolumeInput!) {
    createVolume(input: $input) {
      __typename
      ... on VolumePayload {
        volume {
          id
          name
          status
        }
      }
      ... on InvalidInput {
        fields {
          path
        }
      }
      ... on Problem {
        code
        message
      }
    }
  }
`);

export const WATCH = graphql(`
  subscription Watch($after: String, $volumeId: ID) {
    volumeChanges(after: $after, volumeId: $volumeId) {
      kind
      cursor
      volumeId
      previousStatus
      status
      volume {
        id
        name
        status
      }
    }
  }
`);
