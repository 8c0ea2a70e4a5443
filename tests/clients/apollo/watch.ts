// Apollo Client 4 on a link that can subscribe: it watches, creates a volume, and is told of it.
import assert from "node:assert/strict";
import { ApolloClient, type ApolloLink, InMemoryCache } from "@apollo/client";
import { input, made, type Message, watched } from "../creation.ts";
import possibleTypes from "../generated/possible-types.ts";
import { CREATE, WATCH } from "../volume.ts";

export async function watch(link: ApolloLink): Promise<void> {
  const client = new ApolloClient({ cache: new InMemoryCache(possibleTypes), link });
  await watched(stream(client), async () => {
    const { data } = await client.mutate({ mutation: CREATE, variables: { input } });
    assert.ok(data);
    return made(data);
  });
}

/** The messages of Apollo's Observable, for `for await`. */
function stream(client: ApolloClient): ReadableStream<Message> {
  const results = client.subscribe({ query: WATCH, variables: {} });
  let subscription: ReturnType<typeof results.subscribe>;
  return new ReadableStream({
    start(reader) {
      subscription = results.subscribe({
        next: ({ data, error }) => (data ? reader.enqueue(data.volumeChanges) : reader.error(error)),
        error: (error) => reader.error(error),
        complete: () => reader.close(),
      });
    },
    cancel: () => subscription.unsubscribe(),
  });
}
