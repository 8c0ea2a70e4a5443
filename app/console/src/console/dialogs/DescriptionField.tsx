import FormField from "@cloudscape-design/components/form-field";
import Textarea from "@cloudscape-design/components/textarea";

import { useText } from "../texts/text";

const MOST = 100;
const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

interface Props {
  value: string;
  /** What the service found wrong with it. */
  fault?: string;
  onChange: (value: string) => void;
}

/** A description, with how much of it there is: characters are counted as a person does. */
export function DescriptionField({ value, fault, onChange }: Props) {
  const text = useText();
  const length = [...graphemes.segment(value)].length;
  const long = length > MOST ? text("descriptionRule", { most: MOST }) : undefined;
  return (
    <FormField
      label={text("description")}
      errorText={fault ?? long}
      characterCountText={text("characters", { length, most: MOST })}
      stretch
    >
      <Textarea value={value} rows={3} onChange={({ detail }) => onChange(detail.value)} />
    </FormField>
  );
}
