import { useReducer } from "react";

export type Direction = "ASC" | "DESC";

/** How a list is looked at: sorted, filtered, and on which page. */
export interface View<Field, Filter> {
  field: Field;
  direction: Direction;
  filter: Filter;
  search: string;
  /** The cursors behind which the visited pages begin; the last is the page that is shown. */
  visited: (string | null)[];
}

export interface Turns<Field, Filter> {
  sort: (field: Field, direction: Direction) => void;
  filter: (filter: Filter) => void;
  search: (search: string) => void;
  clear: () => void;
  first: () => void;
  next: (cursor: string) => void;
  previous: () => void;
}

/** Keeps the view of a list: the newest first and all of it, until somebody looks for something else. */
export function useView<Field, Filter>(field: Field, all: Filter): [View<Field, Filter>, Turns<Field, Filter>] {
  const begin: View<Field, Filter> = { field, direction: "DESC", filter: all, search: "", visited: [null] };
  const [view, change] = useReducer(
    (last: View<Field, Filter>, values: Partial<View<Field, Filter>>) => ({ ...last, visited: [null], ...values }),
    begin,
  );
  const turns = {
    sort: (field: Field, direction: Direction) => change({ field, direction }),
    filter: (filter: Filter) => change({ filter }),
    search: (search: string) => change({ search }),
    clear: () => change({ filter: all, search: "" }),
    first: () => change({}),
    next: (cursor: string) => change({ visited: [...view.visited, cursor] }),
    previous: () => change({ visited: view.visited.slice(0, -1) }),
  };
  return [view, turns];
}
