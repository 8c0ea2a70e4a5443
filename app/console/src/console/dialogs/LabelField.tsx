import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";

import { useText } from "../texts/text";

interface Props {
  label: string;
  optional?: boolean;
  placeholder?: string;
  value: string;
  /** What the service found wrong with it. */
  fault?: string;
  onChange: (value: string) => void;
}

/** What a server calls something: its id, its name, a device. */
export function LabelField({ label, optional, placeholder, value, fault, onChange }: Props) {
  const text = useText();
  return (
    <FormField
      label={
        optional ? (
          <>
            {label} <i>- {text("optional")}</i>
          </>
        ) : (
          label
        )
      }
      errorText={fault}
      stretch
    >
      <Input
        value={value}
        placeholder={placeholder}
        ariaRequired={!optional}
        autoComplete={false}
        spellcheck={false}
        onChange={({ detail }) => onChange(detail.value)}
      />
    </FormField>
  );
}
