import Box from "@cloudscape-design/components/box";
import FormField from "@cloudscape-design/components/form-field";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import RadioGroup from "@cloudscape-design/components/radio-group";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";

import { graphql, type VariablesOf } from "../api/graphql";
import { useRead } from "../api/read";
import { SnapshotStatus } from "../status/Status";
import { useText } from "../texts/text";
import { FormDialog } from "./FormDialog";
import { PROBLEM } from "./problem";
import { useSubmission } from "./submission";

const SNAPSHOT = graphql(`
  query SnapshotToReset($id: ID!) {
    snapshot(id: $id) { name status statusReason progressPercent }
    snapshotLifecycle { transitions { from to by } }
  }
`);
const RESET = graphql(
  `
    mutation ResetSnapshotStatus($input: ResetSnapshotStatusInput!) {
      done: resetSnapshotStatus(input: $input) {
        ... on SnapshotPayload { snapshot { name } }
        ...Problem
      }
    }
  `,
  [PROBLEM],
);

type Status = VariablesOf<typeof RESET>["input"]["status"];

export function ResetSnapshotStatus({ id }: { id: string }) {
  const text = useText();
  const read = useRead(SNAPSHOT, { id }, "none");
  const [chosen, setStatus] = useState<Status>();
  const [reason, setReason] = useState("");
  const { submit, fault, finish, ...attempts } = useSubmission(RESET);
  const snapshot = read.data?.snapshot;
  const ways = read.data?.snapshotLifecycle?.transitions ?? [];
  const targets = ways.flatMap(({ by, from, to }) =>
    by === "resetSnapshotStatus" && from === snapshot?.status && to ? (to as Status) : [],
  );
  const status = chosen ?? targets[0];
  const reset = async () => {
    if (!snapshot || !status) return;
    const done = await submit({ id, expectedStatus: snapshot.status, status, reason });
    if (done) finish(text("statusWasReset", { name: done.snapshot.name }));
  };
  return (
    <FormDialog
      title={text("resetStatus")}
      verb={text("resetStatus")}
      read={read}
      subject={snapshot}
      attempts={attempts}
      submit={reset}
      idle={!status}
    >
      <Box>{text("resetStatusHelp")}</Box>
      {snapshot && (
        <KeyValuePairs
          columns={2}
          items={[
            { label: text("snapshotName"), value: snapshot.name },
            { label: text("status"), value: <SnapshotStatus of={snapshot} /> },
          ]}
        />
      )}
      <FormField label={text("newStatus")}>
        <RadioGroup
          value={status ?? null}
          items={targets.map((target) => ({ value: target, label: <SnapshotStatus of={{ status: target }} /> }))}
          onChange={({ detail }) => setStatus(detail.value as Status)}
        />
      </FormField>
      <FormField
        label={text("reason")}
        errorText={fault("reason", reason)}
        constraintText={fault("reason", reason) ? undefined : text("reasonRule")}
        stretch
      >
        <Textarea value={reason} rows={3} ariaRequired onChange={({ detail }) => setReason(detail.value)} />
      </FormField>
    </FormDialog>
  );
}
