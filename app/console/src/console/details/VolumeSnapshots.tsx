import Link from "@cloudscape-design/components/link";

import { graphql } from "../api/graphql";
import { useRead } from "../api/read";
import { address } from "../route";
import { SnapshotStatus } from "../status/Status";
import { useText } from "../texts/text";
import { when } from "../when";
import { Related, useGrowth } from "./Related";

const SNAPSHOTS = graphql(`
  query VolumeSnapshots($id: ID!, $first: Int!) {
    volume(id: $id) {
      snapshots(first: $first) {
        nodes { id name status statusReason progressPercent sizeGb createdBy createdAt }
        pageInfo { hasNextPage }
      }
    }
  }
`);

/** The snapshots of a volume, the newest first. */
export function VolumeSnapshots({ id }: { id: string }) {
  const text = useText();
  const { first, grow } = useGrowth();
  const read = useRead(SNAPSHOTS, { id, first }, "snapshot");
  return (
    <Related
      label={text("snapshot")}
      empty={text("noSnapshots")}
      read={read}
      list={read.data?.volume?.snapshots}
      grow={grow}
      columns={[
        { id: "status", header: text("status"), cell: (snapshot) => <SnapshotStatus of={snapshot} /> },
        {
          id: "name",
          header: text("snapshotName"),
          isRowHeader: true,
          cell: (snapshot) => <Link href={address("snapshots", snapshot.id)}>{snapshot.name}</Link>,
        },
        { id: "size", header: text("size"), cell: (snapshot) => `${snapshot.sizeGb}GB` },
        { id: "createdBy", header: text("createdBy"), cell: (snapshot) => snapshot.createdBy },
        { id: "createdAt", header: text("createdAt"), cell: (snapshot) => when(snapshot.createdAt) },
      ]}
    />
  );
}
