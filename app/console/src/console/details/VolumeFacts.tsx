import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";

import { type FragmentOf, graphql } from "../api/graphql";
import { address } from "../route";
import { VolumeStatus } from "../status/Status";
import { useText } from "../texts/text";
import { Category } from "../volumes/Category";
import { when } from "../when";
import { Copyable } from "./Copyable";
import { origin } from "./origin";
import { Prose } from "./Prose";
import { Standing } from "./Standing";

export const VOLUME_FACTS = graphql(`
  fragment VolumeFacts on Volume @_unmask {
    name
    description
    sizeGb
    product
    category
    protected
    status
    statusReason
    progressPercent
    createdBy
    updatedBy
    createdAt
    updatedAt
    attachment { serverId serverName device attachedAt connection }
    sourceSnapshot { id name }
  }
`);

/** All that there is to know of a volume, of the server that it is attached to, and of who made it. */
export function VolumeFacts({ of: volume }: { of: FragmentOf<typeof VOLUME_FACTS> }) {
  const text = useText();
  const { attachment, sourceSnapshot } = volume;
  return (
    <KeyValuePairs
      columns={4}
      items={[
        {
          type: "group",
          title: text("volume"),
          items: [
            {
              label: text("status"),
              value: <Standing status={<VolumeStatus of={volume} />} reason={volume.statusReason} />,
            },
            { label: text("size"), value: `${volume.sizeGb}GB` },
            { label: text("productType"), value: volume.product },
            { label: text("volumeName"), value: volume.name },
            { label: text("description"), value: <Prose>{volume.description}</Prose> },
          ],
        },
        {
          type: "group",
          title: text("properties"),
          items: [
            { label: text("category"), value: <Category of={volume.category} /> },
            { label: text("protection"), value: text(volume.protected ? "protectedYes" : "protectedNo") },
            {
              label: text("sourceSnapshot"),
              value: sourceSnapshot ? (
                <Link href={address("snapshots", sourceSnapshot.id)}>{sourceSnapshot.name}</Link>
              ) : (
                "-"
              ),
            },
          ],
        },
        {
          type: "group",
          title: text("server"),
          items: attachment
            ? [
                { label: text("serverId"), value: attachment.serverId },
                { label: text("serverName"), value: attachment.serverName ?? "-" },
                { label: text("device"), value: attachment.device ?? "-" },
                { label: text("attachedAt"), value: when(attachment.attachedAt) },
                { label: text("connection"), value: <Copyable value={attachment.connection} /> },
              ]
            : [{ label: text("serverName"), value: "-" }],
        },
        origin(volume, text),
      ]}
    />
  );
}
