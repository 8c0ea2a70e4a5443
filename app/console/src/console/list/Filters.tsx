import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import TextFilter from "@cloudscape-design/components/text-filter";
import { type ReactNode, useEffect, useState } from "react";

import { useText } from "../texts/text";

interface Props {
  search: string;
  onSearch: (search: string) => void;
  /** How many rows are selected. */
  selected: number;
  filters: ReactNode[];
}

/** What narrows a list down: a text, and the filters of the page. */
export function Filters({ search, onSearch, selected, filters }: Props) {
  const text = useText();
  const [typed, setTyped] = useState(search);
  useEffect(() => setTyped(search), [search]);
  return (
    <SpaceBetween direction="horizontal" size="xs" alignItems="center">
      <TextFilter
        filteringText={typed}
        filteringPlaceholder={text("search")}
        filteringAriaLabel={text("searchHelp")}
        filteringClearAriaLabel={text("clear")}
        onChange={({ detail }) => setTyped(detail.filteringText)}
        onDelayedChange={({ detail }) => onSearch(detail.filteringText.trim())}
      />
      {filters}
      {selected > 0 && <Box color="text-body-secondary">{text("selected", { count: selected })}</Box>}
    </SpaceBetween>
  );
}
