import { useCallback, useEffect, useRef, useState } from "react";
import { type CombinedError, useClient } from "urql";

import { graphql, type ResultOf } from "../api/graphql";
import { inTurn } from "../api/turn";
import type { Kind } from "../bell";
import { useLive } from "../live";

const LINES = graphql(`
  fragment Lines on EventConnection @_unmask {
    nodes { cursor previousStatus status reason actor at }
    pageInfo { hasNextPage endCursor }
  }
`);
const HISTORY = graphql(
  `
    query History($id: ID!, $after: String) {
      node(id: $id) {
        ... on Volume { events(first: 100, after: $after) { ...Lines } }
        ... on Snapshot { events(first: 100, after: $after) { ...Lines } }
      }
    }
  `,
  [LINES],
);

type Node = Extract<ResultOf<typeof HISTORY>["node"], { events: unknown }>;
export type Line = Node["events"]["nodes"][number];

interface Lines {
  lines: Line[];
  /** Whether more follow that were not read yet. */
  more: boolean;
  error?: CombinedError;
}

/** An object's lines of the journal: the oldest, then more as they are asked for, then each new one as it comes. */
export function useLines(id: string, kind: Kind): Lines & { readOn: () => void } {
  const client = useClient();
  const [read, setRead] = useState<Lines>({ lines: [], more: false });
  const reading = useRef({ readOn: () => {}, more: true });
  useEffect(() => {
    let after: string | null = null;
    let wanted = true;
    const readOn = inTurn(async () => {
      const { data, error } = await client.query(HISTORY, { id, after }).toPromise();
      if (!wanted) return;
      const events = data?.node && "events" in data.node ? data.node.events : undefined;
      if (!events) return setRead((last) => ({ ...last, error }));
      const more = events.pageInfo.hasNextPage;
      const first = after === null;
      after = events.pageInfo.endCursor ?? after;
      reading.current.more = more;
      setRead((last) => ({ lines: first ? events.nodes : [...last.lines, ...events.nodes], more }));
    });
    reading.current = { readOn, more: true };
    readOn();
    return () => {
      wanted = false;
    };
  }, [client, id]);
  const readOn = useCallback(() => reading.current.readOn(), []);
  useLive(
    kind,
    // What is new stands at the end: it is read only once all before it was.
    useCallback(() => !reading.current.more && reading.current.readOn(), []),
  );
  return { ...read, readOn };
}
