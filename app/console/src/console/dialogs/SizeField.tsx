import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";

interface Props {
  label: string;
  rule: string;
  value: string;
  /** What the service found wrong with it. */
  fault?: string;
  onChange: (value: string) => void;
}

// More digits than any size has, and fewer than GraphQL's Int can hold.
const DIGITS = 6;

/** A size in whole GB. */
export function SizeField({ label, rule, value, fault, onChange }: Props) {
  const wrong = fault ?? (Number.isInteger(Number(value)) ? undefined : rule);
  return (
    <FormField label={label} errorText={wrong} constraintText={wrong ? undefined : rule} stretch>
      <Input
        value={value}
        ariaRequired
        autoComplete={false}
        inputMode="numeric"
        suffix="GB"
        onChange={({ detail }) => onChange(detail.value.slice(0, DIGITS))}
      />
    </FormField>
  );
}
