import { explorerPlugin } from "@graphiql/plugin-explorer";
import { HISTORY_PLUGIN } from "@graphiql/plugin-history";
import { GraphiQL } from "graphiql";
import { useEffect, useMemo, useReducer, useRef, useState } from "react";

import { makeFetcher } from "./fetcher";
import { storage } from "./storage";
import type { Way } from "./streams";
import { readFirstTabs, type Tabs } from "./tabs";
import { TokenDialog } from "./TokenDialog";
import { WayButton } from "./WayButton";

const PLUGINS = [HISTORY_PLUGIN, explorerPlugin()];

/** GraphiQL, once it is known who is calling. */
export function Page() {
  const [way, setWay] = useState<Way>("WebSocket");
  const chosen = useRef(way);
  const [refused, setRefused] = useState(false);
  const [turn, again] = useReducer((count: number) => count + 1, 0);
  const [tabs, setTabs] = useState<Tabs>();
  // Always the same one: for another one GraphiQL would read the schema anew.
  const fetcher = useMemo(() => makeFetcher(() => chosen.current, () => setRefused(true)), []);

  useEffect(() => void readFirstTabs(fetcher).then((read) => read && setTabs(read)), [fetcher, turn]);

  const choose = (other: Way) => {
    chosen.current = other;
    setWay(other);
  };
  const enter = () => {
    setRefused(false);
    again();
  };
  return (
    <>
      {tabs && (
        <GraphiQL
          fetcher={fetcher}
          defaultTabs={tabs}
          defaultEditorToolsVisibility="variables"
          plugins={PLUGINS}
          storage={storage}
          shouldPersistHeaders={false}
        >
          <GraphiQL.Logo>
            <a href="./">Volume Snapshots</a>
          </GraphiQL.Logo>
          <GraphiQL.Toolbar>
            {({ prettify, merge, copy }) => (
              <>
                {prettify}
                {merge}
                {copy}
                <WayButton way={way} choose={choose} />
              </>
            )}
          </GraphiQL.Toolbar>
        </GraphiQL>
      )}
      {refused && <TokenDialog entered={enter} />}
    </>
  );
}
