import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";

import { graphql } from "../api/graphql";
import { useRead } from "../api/read";
import { useText } from "../texts/text";
import { SnapshotHistory } from "./History";
import { Panel } from "./Panel";
import { RestoredVolumes } from "./RestoredVolumes";
import { SNAPSHOT_FACTS, SnapshotFacts } from "./SnapshotFacts";
import { Stuck } from "./Stuck";

const SNAPSHOT = graphql(
  `
    query SnapshotDetails($id: ID!) {
      snapshot(id: $id) {
        ...SnapshotFacts
        restoredVolumes(first: 0) { totalCount }
        actions { action allowed problem { message } }
      }
    }
  `,
  [SNAPSHOT_FACTS],
);

export function SnapshotDetails({ id }: { id: string }) {
  const text = useText();
  const read = useRead(SNAPSHOT, { id }, "any");
  const snapshot = read.data?.snapshot;
  return (
    <Panel kind={text("snapshot")} read={read} subject={snapshot}>
      {snapshot && (
        <SpaceBetween size="m">
          {snapshot.status === "ERROR_DELETING" && <Stuck id={id} actions={snapshot.actions} />}
          <Tabs
            ariaLabel={snapshot.name}
            tabs={[
              { id: "details", label: text("details"), content: <SnapshotFacts of={snapshot} /> },
              { id: "history", label: text("history"), content: <SnapshotHistory id={id} /> },
              {
                id: "restored",
                label: `${text("restoredVolumes")} (${snapshot.restoredVolumes.totalCount})`,
                content: <RestoredVolumes id={id} />,
              },
            ]}
          />
        </SpaceBetween>
      )}
    </Panel>
  );
}
