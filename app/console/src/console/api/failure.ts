import type { CombinedError } from "urql";

import type { Text } from "../texts/text";

/** Says why it is unknown whether something was done, or could be read. */
export function whyFailed(failure: CombinedError, text: Text): string {
  const answer = failure.response as Response | undefined;
  if (answer?.status === 429 || answer?.status === 503) {
    return text("busy", { seconds: answer.headers.get("Retry-After") ?? 5 });
  }
  if (failure.networkError) return text("offline");
  return failure.graphQLErrors.map(({ message }) => message).join(" ");
}
