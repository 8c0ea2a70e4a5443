import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import LiveRegion from "@cloudscape-design/components/live-region";
import { useEffect, useRef } from "react";

import { whyFailed } from "../api/failure";
import { type Text, useText } from "../texts/text";
import type { Problem } from "./problem";
import type { Attempts } from "./submission";

interface Props {
  of: Attempts;
  /** Takes the values that somebody else set meanwhile. */
  takeNewer?: () => void;
}

/** Why the last attempt came to nothing, unless it is told beside the fields. */
export function Trouble({ of: { problem, failure }, takeNewer }: Props) {
  const text = useText();
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    place.current?.scrollIntoView({ block: "nearest" });
  }, [problem, failure]);
  if (!failure && (!problem || problem.fields?.length)) return null;
  const conflict = problem?.code === "VERSION_CONFLICT" && takeNewer;
  return (
    <div ref={place}>
      <LiveRegion assertive>
        <Alert
          type={conflict ? "warning" : "error"}
          header={failure?.networkError && text("notDone")}
          action={conflict && <Button formAction="none" onClick={takeNewer}>{text("takeNewer")}</Button>}
        >
          {failure ? `${whyFailed(failure, text)} ${text("typedKept")}` : problem && whyRefused(problem, text)}
        </Alert>
      </LiveRegion>
    </div>
  );
}

function whyRefused(problem: Problem, text: Text): string {
  switch (problem.code) {
    case "VERSION_CONFLICT":
      return text("changedMeanwhile");
    case "IDEMPOTENCY_KEY_REUSED":
      return text("doneBefore");
    default:
      return problem.message;
  }
}
