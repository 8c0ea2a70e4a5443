import { ToolbarButton } from "@graphiql/react";

import type { Way } from "./streams";

const OTHER: Record<Way, Way> = { WebSocket: "SSE", SSE: "WebSocket" };
const SHORT: Record<Way, string> = { WebSocket: "WS", SSE: "SSE" };

/** Switches what subscriptions go over. */
export function WayButton({ way, choose }: { way: Way; choose: (way: Way) => void }) {
  return (
    <ToolbarButton
      className="way"
      label={`Subscriptions go over ${way}; switch to ${OTHER[way]}`}
      onClick={() => choose(OTHER[way])}
    >
      {SHORT[way]}
    </ToolbarButton>
  );
}
