import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useState } from "react";

import { useText } from "../texts/text";

const LEAST = 3;
const WRITABLE = /^[A-Za-z0-9-]{0,20}$/;

interface Props {
  label: string;
  value: string;
  /** What the service found wrong with it. */
  fault?: string;
  onChange: (value: string) => void;
}

/** The name of a volume or a snapshot. What can no longer become one is told at once, what is too short when left. */
export function NameField({ label, value, fault, onChange }: Props) {
  const text = useText();
  const [left, setLeft] = useState(false);
  const early = !WRITABLE.test(value) || (left && value !== "" && value.length < LEAST);
  const wrong = fault ?? (early ? text("nameRule") : undefined);
  return (
    <FormField label={label} errorText={wrong} constraintText={wrong ? undefined : text("nameRule")} stretch>
      <Input
        value={value}
        ariaRequired
        autoComplete={false}
        spellcheck={false}
        onChange={({ detail }) => onChange(detail.value)}
        onBlur={() => setLeft(true)}
      />
    </FormField>
  );
}
