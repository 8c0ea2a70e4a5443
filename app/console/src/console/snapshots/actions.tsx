import type { ReactElement } from "react";

import { DeleteSnapshots } from "../dialogs/DeleteSnapshots";
import { EditSnapshot } from "../dialogs/EditSnapshot";
import { ResetSnapshotStatus } from "../dialogs/ResetSnapshotStatus";
import { RestoreVolume } from "../dialogs/RestoreVolume";
import { RetrySnapshotDeletion } from "../dialogs/RetrySnapshotDeletion";
import { type Action, oneAllowed, someAllowed } from "../list/action";
import type { Key, Text } from "../texts/text";
import type { Snapshot } from "./snapshots";

type ActionName = Snapshot["actions"][number]["action"];

export function snapshotActions(
  text: Text,
  open: (dialog: ReactElement) => void,
  isAdministrator: boolean,
): Action<Snapshot>[] {
  const withOne = (key: Key, action: ActionName, dialog: (id: string) => ReactElement): Action<Snapshot> => ({
    id: action,
    text: text(key),
    reason: oneAllowed(action, text),
    open: ([snapshot]) => snapshot && open(dialog(snapshot.id)),
  });
  const administrators = [
    withOne("retryDeletion", "RETRY_DELETION", (id) => <RetrySnapshotDeletion id={id} />),
    withOne("resetStatus", "RESET_STATUS", (id) => <ResetSnapshotStatus id={id} />),
  ];
  return [
    { ...withOne("restoreVolume", "RESTORE", (id) => <RestoreVolume snapshotId={id} />), primary: true },
    withOne("edit", "UPDATE", (id) => <EditSnapshot id={id} />),
    {
      id: "DELETE",
      text: text("delete"),
      reason: someAllowed("DELETE", text),
      open: (rows) => open(<DeleteSnapshots ids={rows.map(({ id }) => id)} />),
    },
    ...(isAdministrator ? administrators : []),
  ];
}
