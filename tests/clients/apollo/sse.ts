// Apollo Client 4 over SSE: a link of our own around the package graphql-sse, as its documentation has it.
import { ApolloLink } from "@apollo/client";
import { print } from "graphql";
import { type Client, createClient } from "graphql-sse";
import { Observable } from "rxjs";
import { headers, url } from "../service.ts";
import { watch } from "./watch.ts";

class SSELink extends ApolloLink {
  readonly #client: Client;

  constructor(client: Client) {
    super();
    this.#client = client;
  }

  override request({ operationName, query, variables }: ApolloLink.Operation): Observable<ApolloLink.Result> {
    return new Observable((sink) => this.#client.subscribe({ operationName, query: print(query), variables }, sink));
  }
}

await watch(new SSELink(createClient({ url, headers })));
