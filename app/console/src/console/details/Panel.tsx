import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SplitPanel from "@cloudscape-design/components/split-panel";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { ReactNode } from "react";

import { whyFailed } from "../api/failure";
import type { Read } from "../api/read";
import { useText } from "../texts/text";

interface Props {
  /** What kind of object it is. */
  kind: string;
  read: Read<unknown>;
  /** What the panel is about: undefined until it is read, null once it is gone. */
  subject: { name: string } | null | undefined;
  children?: ReactNode;
}

/** The panel below a list that shows one object. */
export function Panel({ kind, read, subject, children }: Props) {
  const text = useText();
  return (
    <SplitPanel header={subject?.name ?? kind} hidePreferencesButton closeBehavior="hide">
      {subject && children}
      {subject === null && <Box color="text-body-secondary">{text("gone")}</Box>}
      {subject === undefined && read.error && (
        <Alert type="error" action={<Button onClick={read.again}>{text("again")}</Button>}>
          {whyFailed(read.error, text)}
        </Alert>
      )}
      {subject === undefined && !read.error && <StatusIndicator type="loading">{text("loading")}</StatusIndicator>}
    </SplitPanel>
  );
}
