import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Steps from "@cloudscape-design/components/steps";

import { whyFailed } from "../api/failure";
import type { Kind } from "../bell";
import { type Look, useSnapshotLook, useVolumeLook } from "../status/Status";
import { type Text, useText } from "../texts/text";
import { when } from "../when";
import { type Line, useLines } from "./lines";

export function VolumeHistory({ id }: { id: string }) {
  return <History id={id} kind="volume" look={useVolumeLook()} />;
}

export function SnapshotHistory({ id }: { id: string }) {
  return <History id={id} kind="snapshot" look={useSnapshotLook()} />;
}

interface Props {
  id: string;
  kind: Kind;
  look: Look;
}

/** What happened to an object, the newest last. */
function History({ id, kind, look }: Props) {
  const text = useText();
  const { lines, more, error, readOn } = useLines(id, kind);
  return (
    <SpaceBetween size="m">
      <Steps
        ariaLabel={text("history")}
        steps={folded(lines).map(({ line, count }) => ({
          status: line.status ? look(line.status).icon : "success",
          header: what(line, count, look, text),
          details: (
            <Box color="text-body-secondary">
              {[when(line.at), line.actor, line.reason].filter(Boolean).join(" · ")}
            </Box>
          ),
        }))}
      />
      {!error && lines.length === 0 && <StatusIndicator type="loading">{text("loading")}</StatusIndicator>}
      {error && <Box color="text-status-error">{whyFailed(error, text)}</Box>}
      {(more || error) && <Button onClick={readOn}>{text(error ? "again" : "moreHistory")}</Button>}
    </SpaceBetween>
  );
}

interface Fold {
  line: Line;
  count: number;
}

/** Takes the lines together that tell of one and the same work, as the storage reports its progress. */
function folded(lines: Line[]): Fold[] {
  const folds: Fold[] = [];
  for (const line of lines) {
    const last = folds.at(-1);
    if (last && isSame(last.line, line)) folds[folds.length - 1] = { line, count: last.count + 1 };
    else folds.push({ line, count: 1 });
  }
  return folds;
}

function isSame(one: Line, other: Line): boolean {
  const unmoved = [one, other].every(({ previousStatus, status, reason }) => previousStatus === status && !reason);
  return unmoved && one.status === other.status && one.actor === other.actor;
}

function what({ previousStatus, status }: Line, count: number, look: Look, text: Text): string {
  if (previousStatus === status) return count === 1 ? text("changed") : text("changedTimes", { count });
  const before = previousStatus ? look(previousStatus).word : text("begun");
  return `${before} → ${status ? look(status).word : text("deleted")}`;
}
