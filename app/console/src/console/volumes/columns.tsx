import Link from "@cloudscape-design/components/link";

import type { Column } from "../list/columns";
import { address } from "../route";
import { VolumeStatus } from "../status/Status";
import type { Text } from "../texts/text";
import { when } from "../when";
import { Category } from "./Category";
import type { Volume, VolumeField } from "./volumes";

export function volumeColumns(text: Text): Column<Volume, VolumeField>[] {
  return [
    { id: "status", header: text("status"), field: "STATUS", cell: (volume) => <VolumeStatus of={volume} /> },
    { id: "category", header: text("category"), cell: (volume) => <Category of={volume.category} /> },
    {
      id: "name",
      header: text("name"),
      field: "NAME",
      isRowHeader: true,
      cell: (volume) => <Link href={address("volumes", volume.id)}>{volume.name}</Link>,
    },
    { id: "size", header: text("size"), field: "SIZE", cell: (volume) => `${volume.sizeGb}GB` },
    { id: "product", header: text("productType"), cell: (volume) => volume.product },
    {
      id: "protected",
      header: text("protection"),
      cell: (volume) => text(volume.protected ? "protectedYes" : "protectedNo"),
    },
    {
      id: "server",
      header: text("server"),
      cell: ({ attachment }) => attachment?.serverName ?? attachment?.serverId ?? "-",
    },
    { id: "createdBy", header: text("createdBy"), cell: (volume) => volume.createdBy },
    { id: "createdAt", header: text("createdAt"), field: "CREATED_AT", cell: (volume) => when(volume.createdAt) },
  ];
}
