import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";

import { useDialog } from "../dialog";
import { ResetSnapshotStatus } from "../dialogs/ResetSnapshotStatus";
import { RetrySnapshotDeletion } from "../dialogs/RetrySnapshotDeletion";
import { useText } from "../texts/text";

interface Props {
  id: string;
  actions: { action: string; allowed: boolean; problem: { message: string } | null }[];
}

/** Why something could not be deleted and whom to ask; what an administrator may do about it. */
export function Stuck({ id, actions }: Props) {
  const text = useText();
  const { open } = useDialog();
  const may = (wanted: string) => actions.some(({ action, allowed }) => action === wanted && allowed);
  const problem = actions.find(({ action }) => action === "DELETE")?.problem;
  const helpless = !may("RETRY_DELETION") && !may("RESET_STATUS");
  return (
    <Alert
      type="error"
      action={
        !helpless && (
          <SpaceBetween direction="horizontal" size="xs">
            {may("RETRY_DELETION") && (
              <Button onClick={() => open(<RetrySnapshotDeletion id={id} />)}>{text("retryDeletion")}</Button>
            )}
            {may("RESET_STATUS") && (
              <Button onClick={() => open(<ResetSnapshotStatus id={id} />)}>{text("resetStatus")}</Button>
            )}
          </SpaceBetween>
        )
      }
    >
      {problem?.message}
    </Alert>
  );
}
