import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { type ReactNode, useState } from "react";

import type { Reading } from "../api/read";
import { address, type Page } from "../route";
import { useText } from "../texts/text";
import type { Action, Actionable } from "./action";
import { Actions } from "./Actions";
import type { Column } from "./columns";
import { Filters } from "./Filters";
import { Nothing } from "./Nothing";
import { Pages } from "./Pages";
import { PreferencesButton } from "./PreferencesButton";
import type { Preferences } from "./preferences";
import { Unreadable } from "./Unreadable";
import type { Turns, View } from "./view";

export interface Rows<Row> {
  nodes: Row[];
  totalCount: number;
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

interface Props<Row, Field, Filter> {
  page: Page;
  title: string;
  help: string;
  empty: ReactNode;
  columns: Column<Row, Field>[];
  actions: Action<Row>[];
  filters: ReactNode[];
  filtered: boolean;
  view: View<Field, Filter>;
  turns: Turns<Field, Filter>;
  preferences: Preferences;
  prefer: (preferences: Preferences) => void;
  list: Reading<Rows<Row>>;
}

/** A page of the console that is a list: what the service sorts, filters and cuts into pages. */
export function ListPage<Row extends Actionable, Field, Filter>(props: Props<Row, Field, Filter>) {
  const { columns, view, turns, list, preferences } = props;
  const text = useText();
  const [checked, setChecked] = useState<string[]>([]);
  const rows = list.data?.nodes ?? [];
  // Only what is seen can be acted on.
  const selected = rows.filter(({ id }) => checked.includes(id));
  const prefer = (chosen: Preferences) => {
    props.prefer(chosen);
    turns.first();
  };
  const sortedBy = columns.find(({ field }) => field === view.field);
  return (
    <Table
      variant="full-page"
      stickyHeader
      trackBy="id"
      items={rows}
      loading={list.reading && list.data === undefined}
      loadingText={text("loading")}
      selectionType="multi"
      selectedItems={selected}
      onSelectionChange={({ detail }) => setChecked(detail.selectedItems.map(({ id }) => id))}
      onRowClick={({ detail }) => {
        location.hash = address(props.page, detail.item.id);
      }}
      columnDefinitions={columns.map(({ field, ...column }) => ({ ...column, sortingField: field as string }))}
      columnDisplay={preferences.columns}
      sortingColumn={sortedBy && { ...sortedBy, sortingField: view.field as string }}
      sortingDescending={view.direction === "DESC"}
      onSortingChange={({ detail }) =>
        turns.sort(detail.sortingColumn.sortingField as Field, detail.isDescending ? "DESC" : "ASC")
      }
      ariaLabels={{
        tableLabel: props.title,
        selectionGroupLabel: text("selection"),
        allItemsSelectionLabel: () => text("selectAll"),
        itemSelectionLabel: (_, { name }) => text("selectRow", { name }),
      }}
      header={
        <SpaceBetween size="s">
          <Header
            variant="awsui-h1-sticky"
            description={props.help}
            counter={list.data ? `(${list.data.totalCount})` : undefined}
            actions={<Actions actions={props.actions} rows={selected} refresh={list.again} busy={list.stale} />}
          >
            {props.title}
          </Header>
          {rows.length > 0 && list.error && <Unreadable error={list.error} again={list.again} />}
        </SpaceBetween>
      }
      filter={
        <Filters
          search={view.search}
          onSearch={turns.search}
          filters={props.filters}
          selected={selected.length}
        />
      }
      pagination={<Pages size={preferences.pageSize} rows={list.data} stale={list.stale} view={view} turns={turns} />}
      preferences={<PreferencesButton columns={columns} preferences={preferences} prefer={prefer} />}
      empty={<Nothing error={list.error} again={list.again} filtered={props.filtered} clear={turns.clear} empty={props.empty} />}
    />
  );
}
