import Select from "@cloudscape-design/components/select";

import { useLanguage, useText } from "../texts/text";
import type { LifecycleStatus } from "./Status";

interface Props<Status> {
  statuses: LifecycleStatus[];
  chosen: Status[];
  choose: (statuses: Status[]) => void;
}

/** Narrows a list down to a status; those of the same word are one. */
export function StatusFilter<Status extends string>({ statuses, chosen, choose }: Props<Status>) {
  const text = useText();
  const { language } = useLanguage();
  const words = Map.groupBy(statuses, (status) => (language === "ko" ? status.KO : status.EN));
  const any = { value: "", label: text("anyStatus") };
  const options = [...words].map(([label, same]) => ({ value: same.map(({ status }) => status).join(), label }));
  return (
    <Select
      ariaLabel={text("status")}
      options={[any, ...options]}
      selectedOption={options.find(({ value }) => chosen.includes(value.split(",")[0] as Status)) ?? any}
      onChange={({ detail }) => {
        const value = detail.selectedOption.value ?? "";
        choose(value === "" ? [] : (value.split(",") as Status[]));
      }}
    />
  );
}
