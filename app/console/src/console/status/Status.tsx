import StatusIndicator, { type StatusIndicatorProps } from "@cloudscape-design/components/status-indicator";

import { useSession } from "../session";
import { useLanguage } from "../texts/text";

export interface LifecycleStatus {
  status: string;
  transitional: boolean;
  EN: string;
  KO: string;
}

interface Stand {
  status: string;
  statusReason?: string | null;
  progressPercent?: number | null;
}

type Icon = StatusIndicatorProps.Type;

const VOLUME: Record<string, Icon> = {
  AVAILABLE: "success",
  IN_USE: "info",
  UNMANAGED: "warning",
};
const SNAPSHOT: Record<string, Icon> = { AVAILABLE: "success" };

/** How a status looks: its icon, which has a colour of its own, and its word. */
export type Look = (status: string) => { icon: Icon; word: string };

export function useVolumeLook(): Look {
  return useLook(useSession().volumeLifecycle.statuses, VOLUME);
}

export function useSnapshotLook(): Look {
  return useLook(useSession().snapshotLifecycle.statuses, SNAPSHOT);
}

function useLook(statuses: LifecycleStatus[], resting: Record<string, Icon>): Look {
  const { language } = useLanguage();
  return (status) => {
    const known = statuses.find((one) => one.status === status);
    const word = known ? (language === "ko" ? known.KO : known.EN) : status;
    return { icon: known?.transitional ? "in-progress" : (resting[status] ?? "error"), word };
  };
}

export function VolumeStatus({ of }: { of: Stand }) {
  return <Status of={of} look={useVolumeLook()} />;
}

export function SnapshotStatus({ of }: { of: Stand }) {
  return <Status of={of} look={useSnapshotLook()} />;
}

/** A status as icon, colour and word; how far the work is, while it lasts. */
function Status({ of, look }: { of: Stand; look: Look }) {
  const { icon, word } = look(of.status);
  const far = of.progressPercent ?? null;
  return (
    <span title={of.statusReason ?? undefined}>
      <StatusIndicator type={icon}>
        {/* It would break within a word. */}
        <span style={{ wordBreak: "keep-all" }}>{far === null ? word : `${word} ${far}%`}</span>
      </StatusIndicator>
    </span>
  );
}
