import type { ReactElement } from "react";

import { AttachVolume } from "../dialogs/AttachVolume";
import { CreateSnapshot } from "../dialogs/CreateSnapshot";
import { CreateVolume } from "../dialogs/CreateVolume";
import { DeleteVolumes } from "../dialogs/DeleteVolumes";
import { DetachVolume } from "../dialogs/DetachVolume";
import { EditVolume } from "../dialogs/EditVolume";
import { ExtendVolume } from "../dialogs/ExtendVolume";
import { type Action, oneAllowed, someAllowed } from "../list/action";
import type { Key, Text } from "../texts/text";
import type { Volume } from "./volumes";

type ActionName = Volume["actions"][number]["action"];

export function volumeActions(text: Text, open: (dialog: ReactElement) => void): Action<Volume>[] {
  const withOne = (key: Key, action: ActionName, dialog: (id: string) => ReactElement): Action<Volume> => ({
    id: action,
    text: text(key),
    reason: oneAllowed(action, text),
    open: ([volume]) => volume && open(dialog(volume.id)),
  });
  return [
    {
      id: "CREATE",
      text: text("createVolume"),
      primary: true,
      reason: () => undefined,
      open: () => open(<CreateVolume />),
    },
    withOne("edit", "UPDATE", (id) => <EditVolume id={id} />),
    {
      id: "DELETE",
      text: text("delete"),
      reason: someAllowed("DELETE", text),
      open: (rows) => open(<DeleteVolumes ids={rows.map(({ id }) => id)} />),
    },
    withOne("createSnapshot", "CREATE_SNAPSHOT", (id) => <CreateSnapshot volumeId={id} />),
    withOne("attach", "ATTACH", (id) => <AttachVolume id={id} />),
    withOne("detach", "DETACH", (id) => <DetachVolume id={id} />),
    withOne("extend", "EXTEND", (id) => <ExtendVolume id={id} />),
  ];
}
