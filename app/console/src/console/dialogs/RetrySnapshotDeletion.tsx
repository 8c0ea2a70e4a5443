import Box from "@cloudscape-design/components/box";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";

import { graphql } from "../api/graphql";
import { useRead } from "../api/read";
import { SnapshotStatus } from "../status/Status";
import { useText } from "../texts/text";
import { FormDialog } from "./FormDialog";
import { PROBLEM } from "./problem";
import { useSubmission } from "./submission";

const SNAPSHOT = graphql(`
  query SnapshotToRetry($id: ID!) {
    snapshot(id: $id) { name status statusReason progressPercent }
  }
`);
const RETRY = graphql(
  `
    mutation RetrySnapshotDeletion($input: RetrySnapshotDeletionInput!) {
      done: retrySnapshotDeletion(input: $input) {
        ... on SnapshotPayload { snapshot { name } }
        ...Problem
      }
    }
  `,
  [PROBLEM],
);

export function RetrySnapshotDeletion({ id }: { id: string }) {
  const text = useText();
  const read = useRead(SNAPSHOT, { id }, "snapshot");
  const { submit, finish, ...attempts } = useSubmission(RETRY);
  const snapshot = read.data?.snapshot;
  const retry = async () => {
    const done = await submit({ id });
    if (done) finish(text("begunDeletion", { name: done.snapshot.name }));
  };
  return (
    <FormDialog
      title={text("retryDeletion")}
      verb={text("retryDeletion")}
      read={read}
      subject={snapshot}
      attempts={attempts}
      submit={retry}
    >
      <Box>{text("retryDeletionHelp")}</Box>
      {snapshot && (
        <KeyValuePairs
          columns={3}
          items={[
            { label: text("snapshotName"), value: snapshot.name },
            { label: text("status"), value: <SnapshotStatus of={snapshot} /> },
            { label: text("reason"), value: snapshot.statusReason ?? "-" },
          ]}
        />
      )}
    </FormDialog>
  );
}
