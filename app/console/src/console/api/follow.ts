import type { TadaDocumentNode } from "gql.tada";
import type { Client } from "graphql-ws";
import { stringifyDocument } from "urql";

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

interface Message {
  change: { kind: string; cursor: string };
}

/** Who follows a stream: `changed` for each change, `lost` for each lost connection, `expired` when it leads nowhere. */
export interface Follower {
  changed: () => void;
  lost: () => void;
  expired: () => void;
}

/** Follows a stream from a cursor, over lost connections, until the signal says so: each time from the last cursor. */
export async function follow(
  socket: Client,
  stream: TadaDocumentNode<Message, { after: string }>,
  from: string,
  follower: Follower,
  until: AbortSignal,
): Promise<void> {
  const query = stringifyDocument(stream);
  let after = from;
  let pause = FIRST_PAUSE_MS;
  while (!until.aborted) {
    try {
      for await (const { data, errors } of socket.iterate<Message>({ query, variables: { after } })) {
        if (errors) throw errors;
        if (!data) continue;
        after = data.change.cursor;
        pause = FIRST_PAUSE_MS;
        if (data.change.kind !== "BOOKMARK") follower.changed();
      }
    } catch (reason) {
      if (until.aborted) return;
      if (isExpired(reason)) return follower.expired();
    }
    if (until.aborted) return;
    follower.lost();
    await new Promise((resume) => setTimeout(resume, pause));
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  }
}

function isExpired(reason: unknown): boolean {
  return Array.isArray(reason) && reason.some((error) => error?.extensions?.code === "CURSOR_EXPIRED");
}
