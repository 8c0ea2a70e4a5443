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
import { ProtectedField } from "./ProtectedField";
import { useSubmission } from "./submission";

const SNAPSHOT = graphql(`
  query SnapshotToRestore($id: ID!) {
    snapshot(id: $id) { name sizeGb product }
  }
`);
const RESTORE = graphql(
  `
    mutation RestoreVolume($input: RestoreVolumeInput!) {
      done: restoreVolume(input: $input) {
        ... on RestorePayload { volume { name } snapshot { name } }
        ...Problem
      }
    }
  `,
  [PROBLEM],
);

const LONGEST_NAME = 20;
const SUFFIX = "-R";

export function RestoreVolume({ snapshotId }: { snapshotId: string }) {
  const text = useText();
  const read = useRead(SNAPSHOT, { id: snapshotId }, "none");
  const [typed, setName] = useState<string>();
  const [description, setDescription] = useState("");
  const [kept, setKept] = useState(false);
  const { submit, fault, finish, idempotencyKey, ...attempts } = useSubmission(RESTORE);
  const snapshot = read.data?.snapshot;
  const name = typed ?? (snapshot?.name ?? "").slice(0, LONGEST_NAME - SUFFIX.length) + SUFFIX;
  const restore = async () => {
    const done = await submit({ snapshotId, name, description, protected: kept, idempotencyKey });
    if (done) finish(text("begunRestoring", { name: done.volume.name, snapshot: done.snapshot.name }));
  };
  return (
    <FormDialog
      title={text("volumeRestoring")}
      verb={text("restore")}
      read={read}
      subject={snapshot}
      attempts={attempts}
      submit={restore}
    >
      <Box>{text("volumeRestoringHelp")}</Box>
      {snapshot && (
        <KeyValuePairs
          columns={3}
          minColumnWidth={120}
          items={[
            { label: text("snapshotName"), value: snapshot.name },
            { label: text("size"), value: `${snapshot.sizeGb}GB` },
            { label: text("productType"), value: snapshot.product },
          ]}
        />
      )}
      <NameField label={text("volumeName")} value={name} fault={fault("name", name)} onChange={setName} />
      <DescriptionField value={description} fault={fault("description", description)} onChange={setDescription} />
      <ProtectedField value={kept} onChange={setKept} />
    </FormDialog>
  );
}
