import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import type { CombinedError } from "urql";

import { whyFailed } from "../api/failure";
import { useText } from "../texts/text";

interface Props {
  error: CombinedError;
  again: () => void;
}

/** Why a list could not be read. */
export function Unreadable({ error, again }: Props) {
  const text = useText();
  return (
    <Alert type="error" header={text("unreadable")} action={<Button onClick={again}>{text("again")}</Button>}>
      {whyFailed(error, text)}
    </Alert>
  );
}
