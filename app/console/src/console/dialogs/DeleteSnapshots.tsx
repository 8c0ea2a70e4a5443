import { graphql } from "../api/graphql";
import { SnapshotStatus } from "../status/Status";
import { useText } from "../texts/text";
import { DeleteDialog } from "./DeleteDialog";
import { useEach } from "./each";
import { PROBLEM } from "./problem";
import { useSubmission } from "./submission";

const SNAPSHOT = graphql(`
  query SnapshotToDelete($id: ID!) {
    snapshot(id: $id) {
      id
      name
      status
      statusReason
      progressPercent
      actions { action problem { message } }
    }
  }
`);
const DELETE = graphql(
  `
    mutation DeleteSnapshot($input: DeleteSnapshotInput!) {
      done: deleteSnapshot(input: $input) {
        ... on SnapshotPayload { snapshot { id } }
        ...Problem
      }
    }
  `,
  [PROBLEM],
);

export function DeleteSnapshots({ ids }: { ids: string[] }) {
  const text = useText();
  const read = useEach(SNAPSHOT, ids, "any");
  const { submit, finish, ...attempts } = useSubmission(DELETE);
  const snapshots = read.data?.flatMap(({ snapshot }) => snapshot ?? []);
  const doomed = snapshots?.map((snapshot) => ({
    id: snapshot.id,
    name: snapshot.name,
    status: <SnapshotStatus of={snapshot} />,
    problem: snapshot.actions.find(({ action }) => action === "DELETE")?.problem,
  }));
  return (
    <DeleteDialog
      title={text("snapshotDeletion")}
      read={read}
      doomed={doomed}
      attempts={attempts}
      remove={async (id) => Boolean(await submit({ id }))}
      finish={finish}
    />
  );
}
