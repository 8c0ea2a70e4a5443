import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";

import { graphql } from "../api/graphql";
import { useRead } from "../api/read";
import { useText } from "../texts/text";
import { VolumeHistory } from "./History";
import { Panel } from "./Panel";
import { Stuck } from "./Stuck";
import { VOLUME_FACTS, VolumeFacts } from "./VolumeFacts";
import { VolumeSnapshots } from "./VolumeSnapshots";

const VOLUME = graphql(
  `
    query VolumeDetails($id: ID!) {
      volume(id: $id) {
        ...VolumeFacts
        snapshots(first: 0) { totalCount }
        actions { action allowed problem { message } }
      }
    }
  `,
  [VOLUME_FACTS],
);

export function VolumeDetails({ id }: { id: string }) {
  const text = useText();
  const read = useRead(VOLUME, { id }, "any");
  const volume = read.data?.volume;
  return (
    <Panel kind={text("volume")} read={read} subject={volume}>
      {volume && (
        <SpaceBetween size="m">
          {volume.status === "ERROR_DELETING" && <Stuck id={id} actions={volume.actions} />}
          <Tabs
            ariaLabel={volume.name}
            tabs={[
              { id: "details", label: text("details"), content: <VolumeFacts of={volume} /> },
              { id: "history", label: text("history"), content: <VolumeHistory id={id} /> },
              {
                id: "snapshots",
                label: `${text("snapshot")} (${volume.snapshots.totalCount})`,
                content: <VolumeSnapshots id={id} />,
              },
            ]}
          />
        </SpaceBetween>
      )}
    </Panel>
  );
}
