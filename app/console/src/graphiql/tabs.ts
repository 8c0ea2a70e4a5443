import type { Fetcher } from "@graphiql/toolkit";
import type { GraphiQLProps } from "graphiql";

import actions from "./tabs/actions.graphql?raw";
import create from "./tabs/create.graphql?raw";
import remove from "./tabs/delete.graphql?raw";
import detail from "./tabs/detail.graphql?raw";
import edit from "./tabs/edit.graphql?raw";
import list from "./tabs/list.graphql?raw";
import restore from "./tabs/restore.graphql?raw";
import stateMachine from "./tabs/state-machine.graphql?raw";
import watch from "./tabs/watch.graphql?raw";

export type Tabs = NonNullable<GraphiQLProps["defaultTabs"]>;

/** Reads the ids of the demo data, so that the tabs that take one can be run as they are. */
const DEMO = `query Demo {
  volume: volumes(first: 1, filter: { search: "orders-db" }) { nodes { id } }
  snapshot: snapshots(first: 1, filter: { search: "orders-monday", status: [AVAILABLE] }) { nodes { id } }
  failed: snapshots(first: 1, filter: { search: "logs-failed", status: [ERROR] }) { nodes { id } }
}`;

type Found = { nodes: { id: string }[] } | null;

interface Answer {
  data?: { volume: Found; snapshot: Found; failed: Found };
  errors?: { extensions?: { code?: string } }[];
}

/** Returns the tabs of somebody who was never here; nothing while the service does not know the caller. */
export async function readFirstTabs(fetcher: Fetcher): Promise<Tabs | undefined> {
  // Without an answer the tabs are there all the same: GraphiQL says what is wrong.
  const { data, errors } = await (fetcher({ query: DEMO }) as Promise<Answer>).catch((): Answer => ({}));
  if (errors?.[0]?.extensions?.code === "UNAUTHENTICATED") return undefined;
  const volumeId = data?.volume?.nodes[0]?.id ?? "vol-…";
  const snapshotId = data?.snapshot?.nodes[0]?.id ?? "snap-…";
  const failedId = data?.failed?.nodes[0]?.id ?? "snap-…";
  return [
    { query: list },
    { query: detail },
    tab(create, { volumeId }),
    { query: watch },
    tab(edit, { id: snapshotId }),
    tab(restore, { snapshotId }),
    tab(remove, { id: failedId }),
    { query: actions },
    { query: stateMachine },
  ];
}

function tab(query: string, variables: Record<string, string>): Tabs[number] {
  return { query, variables: JSON.stringify(variables, null, 2) };
}
