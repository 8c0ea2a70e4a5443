import Select from "@cloudscape-design/components/select";

import { useText } from "../texts/text";
import type { VolumeCategory } from "./volumes";

interface Props {
  chosen: VolumeCategory | null;
  choose: (category: VolumeCategory | null) => void;
}

export function CategoryFilter({ chosen, choose }: Props) {
  const text = useText();
  const any = { value: "", label: text("anyCategory") };
  const options = [{ value: "DATA" }, { value: "ROOT" }];
  return (
    <Select
      ariaLabel={text("category")}
      options={[any, ...options]}
      selectedOption={options.find(({ value }) => value === chosen) ?? any}
      onChange={({ detail }) => choose((detail.selectedOption.value || null) as VolumeCategory | null)}
    />
  );
}
