import type { TadaDocumentNode } from "gql.tada";
import { useCallback, useEffect, useRef, useState } from "react";
import { type AnyVariables, type CombinedError, useClient } from "urql";

import type { Topic } from "../bell";
import { useLive } from "../live";
import { inTurn } from "./turn";

interface Answer<Data> {
  /** What was asked for. */
  key?: string;
  data?: Data;
  error?: CombinedError;
  reading: boolean;
}

/** What was read last; it stays while the next answer is on its way. */
export interface Read<Data> extends Omit<Answer<Data>, "key"> {
  again: () => void;
}

/** A read that others may follow, with other variables. */
export interface Reading<Data> extends Read<Data> {
  /** Whether what was read last is what other variables asked for. */
  stale: boolean;
}

/** Reads a document: anew with other variables, and whenever something of the topic changed. */
export function useRead<Data, Variables extends AnyVariables>(
  document: TadaDocumentNode<Data, Variables>,
  variables: Variables,
  topic: Topic,
): Reading<Data> {
  const client = useClient();
  const [answer, setAnswer] = useState<Answer<Data>>({ reading: true });
  const key = JSON.stringify(variables);
  const run = useRef<() => void>(() => undefined);

  useEffect(() => {
    let wanted = true;
    run.current = inTurn(async () => {
      if (!wanted) return;
      setAnswer((last) => ({ ...last, reading: true }));
      const { data, error } = await client.query(document, JSON.parse(key) as Variables).toPromise();
      if (wanted) setAnswer((last) => ({ key, data: error ? last.data : data, error, reading: false }));
    });
    run.current();
    return () => {
      wanted = false;
    };
  }, [client, document, key]);

  const again = useCallback(() => run.current(), []);
  useLive(topic, again);
  const { data, error, reading } = answer;
  return { data, error, reading, stale: answer.key !== key, again };
}
