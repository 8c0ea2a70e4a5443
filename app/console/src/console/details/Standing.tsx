import Box from "@cloudscape-design/components/box";
import type { ReactNode } from "react";

interface Props {
  status: ReactNode;
  reason: string | null;
}

/** A status, and why it is so where there is something to say. */
export function Standing({ status, reason }: Props) {
  return (
    <>
      {status}
      {reason && (
        <Box color="text-body-secondary" fontSize="body-s">
          {reason}
        </Box>
      )}
    </>
  );
}
