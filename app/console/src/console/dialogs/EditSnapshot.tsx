import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import { useState } from "react";
import { useClient } from "urql";

import { graphql } from "../api/graphql";
import { useRead } from "../api/read";
import { VolumeStatus } from "../status/Status";
import { useText } from "../texts/text";
import { DescriptionField } from "./DescriptionField";
import { FormDialog } from "./FormDialog";
import { NameField } from "./NameField";
import { type Problem, PROBLEM } from "./problem";
import { useSubmission } from "./submission";

const SNAPSHOT = graphql(`
  query SnapshotToEdit($id: ID!) {
    snapshot(id: $id) {
      name
      description
      version
      volume { name status statusReason progressPercent category sizeGb }
    }
  }
`);
const UPDATE = graphql(
  `
    mutation UpdateSnapshot($input: UpdateSnapshotInput!) {
      done: updateSnapshot(input: $input) {
        ... on SnapshotPayload { snapshot { name } }
        ...Problem
      }
    }
  `,
  [PROBLEM],
);

export function EditSnapshot({ id }: { id: string }) {
  const text = useText();
  const client = useClient();
  const read = useRead(SNAPSHOT, { id }, "none");
  const [draft, setDraft] = useState<{ name?: string; description?: string }>({});
  const { submit, fault, forget, finish, ...attempts } = useSubmission(UPDATE);
  const snapshot = read.data?.snapshot;
  const { name = "", description = "", volume } = { ...snapshot, ...draft };

  // The version grows with the storage's work too: that alone is no conflict.
  const rebased = async ({ code }: Problem) => {
    if (code !== "VERSION_CONFLICT") return undefined;
    const newer = (await client.query(SNAPSHOT, { id }).toPromise()).data?.snapshot;
    const same = newer && newer.name === snapshot?.name && newer.description === snapshot.description;
    return same ? { id, ...draft, expectedVersion: newer.version } : undefined;
  };
  const save = async () => {
    const done = await submit({ id, ...draft, expectedVersion: snapshot?.version }, rebased);
    if (done) finish(text("saved", { name: done.snapshot.name }));
  };
  const takeNewer = () => {
    setDraft({});
    forget();
    read.again();
  };
  return (
    <FormDialog
      title={text("snapshotEditing")}
      verb={text("save")}
      read={read}
      subject={snapshot}
      attempts={attempts}
      submit={save}
      takeNewer={takeNewer}
    >
      {volume && (
        <KeyValuePairs
          columns={2}
          items={[
            { label: text("source"), value: volume.name },
            { label: text("status"), value: <VolumeStatus of={volume} /> },
            { label: text("category"), value: volume.category },
            { label: text("size"), value: `${volume.sizeGb}GB` },
          ]}
        />
      )}
      <NameField
        label={text("snapshotName")}
        value={name}
        fault={fault("name", name)}
        onChange={(value) => setDraft({ ...draft, name: value })}
      />
      <DescriptionField
        value={description}
        fault={fault("description", description)}
        onChange={(value) => setDraft({ ...draft, description: value })}
      />
    </FormDialog>
  );
}
