import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";

import { useText } from "../texts/text";
import type { Action } from "./action";

interface Props<Row> {
  actions: Action<Row>[];
  rows: Row[];
  refresh: () => void;
  /** Whether what was asked for is still on its way. */
  busy: boolean;
}

/** The buttons above a list; those that cannot be used say why. */
export function Actions<Row>({ actions, rows, refresh, busy }: Props<Row>) {
  const text = useText();
  return (
    <SpaceBetween direction="horizontal" size="xs">
      <Button iconName="refresh" ariaLabel={text("refresh")} loading={busy} onClick={refresh} />
      {actions.map((action) => {
        const reason = action.reason(rows);
        return (
          <Button
            key={action.id}
            variant={action.primary ? "primary" : "normal"}
            disabled={reason !== undefined}
            disabledReason={reason}
            onClick={() => action.open(rows)}
          >
            {action.text}
          </Button>
        );
      })}
    </SpaceBetween>
  );
}
