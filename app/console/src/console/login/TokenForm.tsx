import Button from "@cloudscape-design/components/button";
import Form from "@cloudscape-design/components/form";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { type FormEvent, useState } from "react";

import { useText } from "../texts/text";

interface Props {
  /** Whether a token was entered, and refused. */
  tried: boolean;
  enter: (token: string) => void;
}

/** Asks for a token. It is told to nobody but the service. */
export function TokenForm({ tried, enter }: Props) {
  const text = useText();
  const [token, setToken] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (token.trim()) enter(token.trim());
  };
  return (
    <form onSubmit={submit}>
      <Form actions={<Button variant="primary">{text("logIn")}</Button>}>
        <FormField label={text("token")} description={text("tokenKept")} errorText={tried && text("tokenRefused")} stretch>
          <Input
            type="password"
            value={token}
            onChange={({ detail }) => setToken(detail.value)}
            autoComplete="off"
            spellcheck={false}
            autoFocus
          />
        </FormField>
      </Form>
    </form>
  );
}
