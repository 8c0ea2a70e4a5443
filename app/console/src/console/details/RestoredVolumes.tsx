import Link from "@cloudscape-design/components/link";

import { graphql } from "../api/graphql";
import { useRead } from "../api/read";
import { address } from "../route";
import { VolumeStatus } from "../status/Status";
import { useText } from "../texts/text";
import { when } from "../when";
import { Related, useGrowth } from "./Related";

const RESTORED = graphql(`
  query RestoredVolumes($id: ID!, $first: Int!) {
    snapshot(id: $id) {
      restoredVolumes(first: $first) {
        nodes { id name status statusReason progressPercent sizeGb createdBy createdAt }
        pageInfo { hasNextPage }
      }
    }
  }
`);

/** The volumes that were restored from a snapshot, the newest first. */
export function RestoredVolumes({ id }: { id: string }) {
  const text = useText();
  const { first, grow } = useGrowth();
  const read = useRead(RESTORED, { id, first }, "volume");
  return (
    <Related
      label={text("restoredVolumes")}
      empty={text("noRestoredVolumes")}
      read={read}
      list={read.data?.snapshot?.restoredVolumes}
      grow={grow}
      columns={[
        { id: "status", header: text("status"), cell: (volume) => <VolumeStatus of={volume} /> },
        {
          id: "name",
          header: text("name"),
          isRowHeader: true,
          cell: (volume) => <Link href={address("volumes", volume.id)}>{volume.name}</Link>,
        },
        { id: "size", header: text("size"), cell: (volume) => `${volume.sizeGb}GB` },
        { id: "createdBy", header: text("createdBy"), cell: (volume) => volume.createdBy },
        { id: "createdAt", header: text("createdAt"), cell: (volume) => when(volume.createdAt) },
      ]}
    />
  );
}
