import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";

import { type FragmentOf, graphql } from "../api/graphql";
import { address } from "../route";
import { SnapshotStatus, VolumeStatus } from "../status/Status";
import { useText } from "../texts/text";
import { Category } from "../volumes/Category";
import { bytes } from "./bytes";
import { Copyable } from "./Copyable";
import { origin } from "./origin";
import { Prose } from "./Prose";
import { Standing } from "./Standing";

export const SNAPSHOT_FACTS = graphql(`
  fragment SnapshotFacts on Snapshot @_unmask {
    name
    description
    sizeGb
    product
    status
    statusReason
    progressPercent
    consistency
    usedBytes
    checksum
    createdBy
    updatedBy
    createdAt
    updatedAt
    volume { id name description status statusReason progressPercent sizeGb category }
  }
`);

/** All that there is to know of a snapshot, of its volume, and of who made it. */
export function SnapshotFacts({ of: snapshot }: { of: FragmentOf<typeof SNAPSHOT_FACTS> }) {
  const text = useText();
  const { volume, consistency, usedBytes, checksum } = snapshot;
  return (
    <KeyValuePairs
      columns={4}
      items={[
        {
          type: "group",
          title: text("snapshot"),
          items: [
            {
              label: text("status"),
              value: <Standing status={<SnapshotStatus of={snapshot} />} reason={snapshot.statusReason} />,
            },
            { label: text("size"), value: `${snapshot.sizeGb}GB` },
            { label: text("productType"), value: snapshot.product },
            { label: text("snapshotName"), value: snapshot.name },
            { label: text("description"), value: <Prose>{snapshot.description}</Prose> },
          ],
        },
        {
          type: "group",
          title: text("data"),
          items: [
            { label: text("consistency"), value: consistency ? text(`consistency${consistency}`) : "-" },
            { label: text("usedBytes"), value: usedBytes === null ? "-" : bytes(usedBytes) },
            { label: text("checksum"), value: checksum ? <Copyable value={checksum} /> : "-" },
          ],
        },
        {
          type: "group",
          title: text("source"),
          items: [
            {
              label: text("status"),
              value: <Standing status={<VolumeStatus of={volume} />} reason={volume.statusReason} />,
            },
            { label: text("size"), value: `${volume.sizeGb}GB` },
            { label: text("category"), value: <Category of={volume.category} /> },
            { label: text("volumeName"), value: <Link href={address("volumes", volume.id)}>{volume.name}</Link> },
            { label: text("description"), value: <Prose>{volume.description}</Prose> },
          ],
        },
        origin(snapshot, text),
      ]}
    />
  );
}
