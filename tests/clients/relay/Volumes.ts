// Relay's documents for a list of volumes: pages by a connection, a mutation that takes a node out of it, and a stream.
// relay-compiler makes operations of them that Relay's own transforms have completed from the schema.
import { graphql } from "relay-runtime";

export const volumes = graphql`
  query VolumesQuery($count: Int!, $after: String) {
    ...Volumes_list @arguments(count: $count, after: $after)
  }
`;

export const list = graphql`
  fragment Volumes_list on Query
  @argumentDefinitions(count: { type: "Int", defaultValue: 20 }, after: { type: "String" })
  @refetchable(queryName: "VolumesNextPageQuery") {
    volumes(first: $count, after: $after, orderBy: { field: NAME, direction: ASC })
      @connection(key: "Volumes_volumes") {
      edges {
        node {
          id
          ...Volumes_volume
        }
      }
    }
  }
`;

export const volume = graphql`
  fragment Volumes_volume on Volume @refetchable(queryName: "VolumesRefreshQuery") {
    name
    status
    createdAt
  }
`;

export const remove = graphql`
  mutation VolumesDeleteMutation($input: DeleteVolumeInput!, $connections: [ID!]!) {
    deleteVolume(input: $input) {
      ... on VolumePayload {
        volume {
          id @deleteEdge(connections: $connections)
        }
      }
      ... on Problem {
        code
        message
      }
    }
  }
`;

export const changes = graphql`
  subscription VolumesChangesSubscription($after: String) {
    volumeChanges(after: $after) {
      kind
      cursor
      volume {
        ...Volumes_volume
      }
    }
  }
`;
