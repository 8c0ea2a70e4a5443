import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table, { type TableProps } from "@cloudscape-design/components/table";
import { useState } from "react";

import { whyFailed } from "../api/failure";
import type { Read } from "../api/read";
import { useText } from "../texts/text";

const PAGE = 20;
// The most that the service gives at once.
const MOST = 100;

/** How many rows are asked for: a page more each time. */
export function useGrowth() {
  const [first, setFirst] = useState(PAGE);
  return { first, grow: first < MOST ? () => setFirst(first + PAGE) : undefined };
}

interface Props<Row> {
  label: string;
  empty: string;
  read: Read<unknown>;
  list?: { nodes: Row[]; pageInfo: { hasNextPage: boolean } };
  grow?: () => void;
  columns: TableProps.ColumnDefinition<Row>[];
}

/** A small table of the objects that have to do with the one that is shown. */
export function Related<Row>({ label, empty, read, list, grow, columns }: Props<Row>) {
  const text = useText();
  return (
    <SpaceBetween size="s">
      <Table
        variant="borderless"
        items={list?.nodes ?? []}
        columnDefinitions={columns}
        loading={!list && !read.error}
        loadingText={text("loading")}
        ariaLabels={{ tableLabel: label }}
        empty={
          <Box color={read.error ? "text-status-error" : "text-body-secondary"}>
            {read.error ? whyFailed(read.error, text) : empty}
          </Box>
        }
      />
      {list?.pageInfo.hasNextPage && grow && (
        <Button onClick={grow} loading={read.reading}>
          {text("moreRows")}
        </Button>
      )}
    </SpaceBetween>
  );
}
