import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { ReactNode } from "react";
import type { CombinedError } from "urql";

import { useText } from "../texts/text";
import { Unreadable } from "./Unreadable";

interface Props {
  error?: CombinedError;
  again: () => void;
  filtered: boolean;
  clear: () => void;
  /** What stands where the whole list is empty. */
  empty: ReactNode;
}

/** Why there are no rows, and what to do about it. */
export function Nothing({ error, again, filtered, clear, empty }: Props) {
  const text = useText();
  if (error) return <Unreadable error={error} again={again} />;
  if (!filtered) return empty;
  return (
    <Box textAlign="center">
      <SpaceBetween size="s">
        <b>{text("noMatch")}</b>
        <Button onClick={clear}>{text("clearFilters")}</Button>
      </SpaceBetween>
    </Box>
  );
}
