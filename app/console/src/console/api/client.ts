import { Client, fetchExchange } from "urql";

import type { Language } from "../texts/language";

export const ADDRESS = new URL("graphql", document.baseURI);

/** Who is calling: nobody in particular without a token, as in development. */
export function credentials(token: string | null): Record<string, string> {
  return token === null ? {} : { Authorization: `Bearer ${token}` };
}

/** Makes the client of one caller in one language; `refused` is told when the service does not know the caller. */
export function makeClient(token: string | null, language: Language, refused: () => void): Client {
  return new Client({
    url: ADDRESS.href,
    // No cache: the service tells what changed, and what is shown is then read anew.
    exchanges: [fetchExchange],
    requestPolicy: "network-only",
    preferGetMethod: false,
    fetchOptions: {
      headers: { ...credentials(token), "Accept-Language": language, Accept: "application/graphql-response+json" },
    },
    fetch: async (address, options) => {
      const answer = await fetch(address, options);
      if (answer.status === 401) refused();
      return answer;
    },
  });
}
