// urql over SSE: its own fetch exchange, which takes subscriptions where `fetchSubscriptions` is set.
import { fetchExchange } from "@urql/core";
import { watch } from "./watch.ts";

await watch(fetchExchange);
