import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import type { CombinedError } from "urql";

import { whyFailed } from "../api/failure";
import { useText } from "../texts/text";
import { Plain } from "./Plain";

interface Props {
  error: CombinedError;
  again: () => void;
}

export function Unreachable({ error, again }: Props) {
  const text = useText();
  return (
    <Plain title={text("unreachable")}>
      <Alert type="error" action={<Button onClick={again}>{text("again")}</Button>}>
        {whyFailed(error, text)}
      </Alert>
    </Plain>
  );
}
