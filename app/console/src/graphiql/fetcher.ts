import type { Fetcher, FetcherParams, Observable } from "@graphiql/toolkit";
import { type ExecutionResult, getOperationAST, type OperationDefinitionNode, parse } from "graphql";
import type { Sink } from "graphql-ws";

import { keptToken } from "../console/api/token";
import { isRefusal, open, said, type Way } from "./streams";

const ADDRESS = new URL("graphql", document.baseURI);

/** Makes what sends GraphiQL's operations. `refused` is told when the service does not know who is calling. */
export function makeFetcher(way: () => Way, refused: () => void): Fetcher {
  return (operation, { headers: edited } = {}) => {
    const headers = new Headers(edited);
    const token = keptToken();
    if (!headers.has("Authorization") && token !== null) headers.set("Authorization", `Bearer ${token}`);
    const meant = meantBy(operation);
    const request = { ...operation, operationName: meant?.name?.value };
    return meant?.operation === "subscription"
      ? watch(way(), request, headers, refused)
      : send(request, headers, refused);
  };
}

/** Finds the operation in the document: right after a change of tabs GraphiQL still names that of the last tab. */
function meantBy({ query, operationName }: FetcherParams): OperationDefinitionNode | null | undefined {
  try {
    const document = parse(query);
    return getOperationAST(document, operationName) ?? getOperationAST(document);
  } catch {
    return null; // the service says what is wrong with it
  }
}

type Request = FetcherParams & { operationName: string | undefined };

async function send(request: Request, headers: Headers, refused: () => void): Promise<ExecutionResult> {
  headers.set("Content-Type", "application/json");
  const answer = await fetch(ADDRESS, { method: "POST", body: JSON.stringify(request), headers });
  if (answer.status === 401) refused();
  return answer.json();
}

function watch(way: Way, request: Request, headers: Headers, refused: () => void) {
  const client = open(way, ADDRESS, Object.fromEntries(headers));
  return {
    subscribe: ({ next, error, complete }: Sink) => ({
      unsubscribe: client.subscribe(request, {
        next,
        complete,
        error: (reason) => {
          if (isRefusal(reason)) refused();
          error(said(reason));
        },
      }),
    }),
  } as Observable<ExecutionResult>; // the other ways to subscribe are none of GraphiQL's
}
