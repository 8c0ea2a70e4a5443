import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import { useState } from "react";

import { graphql } from "../api/graphql";
import { useRead } from "../api/read";
import { useText } from "../texts/text";
import { FormDialog } from "./FormDialog";
import { LabelField } from "./LabelField";
import { PROBLEM } from "./problem";
import { useSubmission } from "./submission";

const VOLUME = graphql(`
  query VolumeToAttach($id: ID!) {
    volume(id: $id) { name sizeGb product }
  }
`);
const ATTACH = graphql(
  `
    mutation AttachVolume($input: AttachVolumeInput!) {
      done: attachVolume(input: $input) {
        ... on VolumePayload { volume { name } }
        ...Problem
      }
    }
  `,
  [PROBLEM],
);

export function AttachVolume({ id }: { id: string }) {
  const text = useText();
  const read = useRead(VOLUME, { id }, "none");
  const [serverId, setServerId] = useState("");
  const [typedName, setServerName] = useState("");
  const [typedDevice, setDevice] = useState("");
  const { submit, fault, finish, ...attempts } = useSubmission(ATTACH);
  const volume = read.data?.volume;
  // Nothing typed is no name at all, rather than an empty one.
  const serverName = typedName || null;
  const device = typedDevice || null;
  const attach = async () => {
    const done = await submit({ id, serverId, serverName, device });
    if (done) finish(text("begunAttaching", { name: done.volume.name, server: serverName ?? serverId }));
  };
  return (
    <FormDialog
      title={text("volumeAttaching")}
      verb={text("attach")}
      read={read}
      subject={volume}
      attempts={attempts}
      submit={attach}
    >
      {volume && (
        <KeyValuePairs
          columns={3}
          minColumnWidth={120}
          items={[
            { label: text("volumeName"), value: volume.name },
            { label: text("size"), value: `${volume.sizeGb}GB` },
            { label: text("productType"), value: volume.product },
          ]}
        />
      )}
      <LabelField
        label={text("serverId")}
        value={serverId}
        fault={fault("serverId", serverId)}
        onChange={setServerId}
      />
      <LabelField
        label={text("serverName")}
        optional
        value={typedName}
        fault={fault("serverName", serverName)}
        onChange={setServerName}
      />
      <LabelField
        label={text("device")}
        optional
        placeholder="/dev/vdb"
        value={typedDevice}
        fault={fault("device", device)}
        onChange={setDevice}
      />
    </FormDialog>
  );
}
