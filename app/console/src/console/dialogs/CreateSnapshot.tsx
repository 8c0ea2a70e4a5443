import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import { useState } from "react";

import { graphql } from "../api/graphql";
import { useRead } from "../api/read";
import { useText } from "../texts/text";
import { DescriptionField } from "./DescriptionField";
import { FormDialog } from "./FormDialog";
import { NameField } from "./NameField";
import { PROBLEM } from "./problem";
import { useSubmission } from "./submission";

const VOLUME = graphql(`
  query VolumeToSnapshot($id: ID!) {
    volume(id: $id) {
      name
      sizeGb
      product
      actions { action warnings { code message } }
    }
  }
`);
const CREATE = graphql(
  `
    mutation CreateSnapshot($input: CreateSnapshotInput!) {
      done: createSnapshot(input: $input) {
        ... on SnapshotPayload { snapshot { name } }
        ...Problem
      }
    }
  `,
  [PROBLEM],
);

export function CreateSnapshot({ volumeId }: { volumeId: string }) {
  const text = useText();
  const read = useRead(VOLUME, { id: volumeId }, "volume");
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const { submit, fault, finish, idempotencyKey, ...attempts } = useSubmission(CREATE);
  const volume = read.data?.volume;
  const warnings = volume?.actions.find(({ action }) => action === "CREATE_SNAPSHOT")?.warnings ?? [];
  const create = async () => {
    const done = await submit({ volumeId, name, description, idempotencyKey });
    if (done) finish(text("begunCreation", { name: done.snapshot.name }));
  };
  return (
    <FormDialog
      title={text("snapshotCreation")}
      verb={text("create")}
      read={read}
      subject={volume}
      attempts={attempts}
      submit={create}
    >
      <Box>{text("snapshotCreationHelp")}</Box>
      {volume && (
        <KeyValuePairs
          columns={3}
          minColumnWidth={120}
          items={[
            { label: text("source"), value: volume.name },
            { label: text("size"), value: `${volume.sizeGb}GB` },
            { label: text("productType"), value: volume.product },
          ]}
        />
      )}
      {warnings.map(({ code, message }) => (
        <Alert key={code} type="warning">
          {message}
        </Alert>
      ))}
      <NameField label={text("snapshotName")} value={name} fault={fault("name", name)} onChange={setName} />
      <DescriptionField value={description} fault={fault("description", description)} onChange={setDescription} />
    </FormDialog>
  );
}
