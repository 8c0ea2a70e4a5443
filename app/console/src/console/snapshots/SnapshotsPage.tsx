import Box from "@cloudscape-design/components/box";

import { useRead } from "../api/read";
import { useDialog } from "../dialog";
import { ListPage } from "../list/ListPage";
import { usePreferences } from "../list/preferences";
import { useView } from "../list/view";
import { useSession } from "../session";
import { StatusFilter } from "../status/StatusFilter";
import { useText } from "../texts/text";
import { snapshotActions } from "./actions";
import { snapshotColumns } from "./columns";
import { type SnapshotField, SNAPSHOTS, type SnapshotStatus } from "./snapshots";
import { type SourceVolume, SourceVolumeFilter } from "./SourceVolumeFilter";

interface Filter {
  status: SnapshotStatus[];
  volume: SourceVolume | null;
}

const ALL: Filter = { status: [], volume: null };

export function SnapshotsPage() {
  const text = useText();
  const dialog = useDialog();
  const { viewer, snapshotLifecycle } = useSession();
  const columns = snapshotColumns(text);
  const [preferences, prefer] = usePreferences("snapshots", columns);
  const [view, turns] = useView<SnapshotField, Filter>("CREATED_AT", ALL);
  const { filter, search } = view;
  const read = useRead(
    SNAPSHOTS,
    {
      first: preferences.pageSize,
      after: view.visited.at(-1),
      filter: { status: filter.status, volumeId: filter.volume?.id, search },
      orderBy: { field: view.field, direction: view.direction },
    },
    "any",
  );
  return (
    <ListPage
      page="snapshots"
      title={text("snapshot")}
      help={text("snapshotsHelp")}
      empty={
        <Box textAlign="center">
          <b>{text("noSnapshots")}</b>
          <p>{text("noSnapshotsHelp")}</p>
        </Box>
      }
      columns={columns}
      actions={snapshotActions(text, dialog.open, viewer.roles.includes("ADMINISTRATOR"))}
      filters={[
        <StatusFilter
          key="status"
          statuses={snapshotLifecycle.statuses}
          chosen={filter.status}
          choose={(status) => turns.filter({ ...filter, status })}
        />,
        <SourceVolumeFilter
          key="volume"
          chosen={filter.volume}
          choose={(volume) => turns.filter({ ...filter, volume })}
        />,
      ]}
      filtered={search !== "" || filter.status.length > 0 || filter.volume !== null}
      view={view}
      turns={turns}
      preferences={preferences}
      prefer={prefer}
      list={{ ...read, data: read.data?.snapshots ?? undefined }}
    />
  );
}
