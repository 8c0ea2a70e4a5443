import type { TadaDocumentNode } from "gql.tada";
import { useCallback, useEffect, useRef, useState } from "react";
import { type CombinedError, useClient } from "urql";

import type { Read } from "../api/read";
import { inTurn } from "../api/turn";
import type { Topic } from "../bell";
import { useLive } from "../live";

interface Answer<Data> {
  data?: Data[];
  error?: CombinedError;
  reading: boolean;
}

/** Reads a document for each of the ids, and anew whenever something of the topic changed. */
export function useEach<Data>(document: TadaDocumentNode<Data, { id: string }>, ids: string[], topic: Topic) {
  const client = useClient();
  const [answer, setAnswer] = useState<Answer<Data>>({ reading: true });
  const run = useRef<() => void>(() => undefined);
  const key = ids.join(" ");
  useEffect(() => {
    run.current = inTurn(async () => {
      const answers = await Promise.all(key.split(" ").map((id) => client.query(document, { id }).toPromise()));
      const error = answers.find((one) => one.error)?.error;
      const data = answers.flatMap((one) => one.data ?? []);
      setAnswer((last) => ({ data: error ? last.data : data, error, reading: false }));
    });
    run.current();
  }, [client, document, key]);
  const again = useCallback(() => run.current(), []);
  useLive(topic, again);
  return { ...answer, again } satisfies Read<Data[]>;
}
