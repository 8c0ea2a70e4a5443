import Pagination from "@cloudscape-design/components/pagination";
import { useEffect, useEffectEvent } from "react";

import type { Rows } from "./ListPage";
import type { Turns, View } from "./view";

interface Props {
  size: number;
  rows?: Rows<unknown>;
  /** Whether these rows are not yet those of the page. */
  stale: boolean;
  view: Pick<View<unknown, unknown>, "visited">;
  turns: Pick<Turns<unknown, unknown>, "next" | "previous">;
}

/** One page on, or one back: a cursor knows no other way, and no row is missed or seen twice. */
export function Pages({ size, rows, stale, view, turns }: Props) {
  const page = view.visited.length;
  const leave = useEffectEvent(() => turns.previous());
  const deserted = rows?.nodes.length === 0 && page > 1 && !stale;
  useEffect(() => {
    if (deserted) leave();
  }, [deserted, rows]);
  const end = rows?.pageInfo.endCursor;
  const counted = Math.max(1, Math.ceil((rows?.totalCount ?? 0) / size));
  return (
    <Pagination
      pagesVariant="compact"
      currentPageIndex={page}
      pagesCount={rows?.pageInfo.hasNextPage ? Math.max(counted, page + 1) : page}
      // Not `disabled` meanwhile: that would take the focus away from who turns pages by the keyboard.
      onNextPageClick={() => {
        if (end && !stale) turns.next(end);
      }}
      onPreviousPageClick={turns.previous}
    />
  );
}
