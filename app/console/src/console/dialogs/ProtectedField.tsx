import FormField from "@cloudscape-design/components/form-field";
import RadioGroup from "@cloudscape-design/components/radio-group";

import { useText } from "../texts/text";

interface Props {
  value: boolean;
  onChange: (value: boolean) => void;
}

/** Whether a volume is protected from deletion. 반납보호. */
export function ProtectedField({ value, onChange }: Props) {
  const text = useText();
  return (
    <FormField label={text("protection")} constraintText={text("protectionHelp")}>
      <RadioGroup
        direction="horizontal"
        value={value ? "yes" : "no"}
        items={[
          { value: "yes", label: text("protectedYes") },
          { value: "no", label: text("protectedNo") },
        ]}
        onChange={({ detail }) => onChange(detail.value === "yes")}
      />
    </FormField>
  );
}
