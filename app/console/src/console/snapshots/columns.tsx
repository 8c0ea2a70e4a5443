import Link from "@cloudscape-design/components/link";

import type { Column } from "../list/columns";
import { address } from "../route";
import { SnapshotStatus } from "../status/Status";
import type { Text } from "../texts/text";
import { when } from "../when";
import type { Snapshot, SnapshotField } from "./snapshots";

export function snapshotColumns(text: Text): Column<Snapshot, SnapshotField>[] {
  return [
    { id: "status", header: text("status"), field: "STATUS", cell: (snapshot) => <SnapshotStatus of={snapshot} /> },
    {
      id: "name",
      header: text("snapshotName"),
      field: "NAME",
      isRowHeader: true,
      cell: (snapshot) => <Link href={address("snapshots", snapshot.id)}>{snapshot.name}</Link>,
    },
    { id: "size", header: text("size"), field: "SIZE", cell: (snapshot) => `${snapshot.sizeGb}GB` },
    {
      id: "volume",
      header: text("sourceVolume"),
      // Else the click would go on to the row, which opens the snapshot.
      cell: ({ volume }) => (
        <span onClick={(event) => event.stopPropagation()}>
          <Link href={address("volumes", volume.id)}>{volume.name}</Link>
        </span>
      ),
    },
    { id: "createdBy", header: text("createdBy"), cell: (snapshot) => snapshot.createdBy },
    { id: "createdAt", header: text("createdAt"), field: "CREATED_AT", cell: (snapshot) => when(snapshot.createdAt) },
  ];
}
