import Box from "@cloudscape-design/components/box";

import { useRead } from "../api/read";
import { useDialog } from "../dialog";
import { ListPage } from "../list/ListPage";
import { usePreferences } from "../list/preferences";
import { useView } from "../list/view";
import { useSession } from "../session";
import { StatusFilter } from "../status/StatusFilter";
import { useText } from "../texts/text";
import { volumeActions } from "./actions";
import { CategoryFilter } from "./CategoryFilter";
import { volumeColumns } from "./columns";
import { type VolumeCategory, type VolumeField, VOLUMES, type VolumeStatus } from "./volumes";

interface Filter {
  status: VolumeStatus[];
  category: VolumeCategory | null;
}

const ALL: Filter = { status: [], category: null };

export function VolumesPage() {
  const text = useText();
  const dialog = useDialog();
  const { volumeLifecycle } = useSession();
  const columns = volumeColumns(text);
  const [preferences, prefer] = usePreferences("volumes", columns);
  const [view, turns] = useView<VolumeField, Filter>("CREATED_AT", ALL);
  const { filter, search } = view;
  const read = useRead(
    VOLUMES,
    {
      first: preferences.pageSize,
      after: view.visited.at(-1),
      filter: { ...filter, search },
      orderBy: { field: view.field, direction: view.direction },
    },
    "any",
  );
  return (
    <ListPage
      page="volumes"
      title={text("volume")}
      help={text("volumesHelp")}
      empty={<Box textAlign="center">{text("noVolumes")}</Box>}
      columns={columns}
      actions={volumeActions(text, dialog.open)}
      filters={[
        <StatusFilter
          key="status"
          statuses={volumeLifecycle.statuses}
          chosen={filter.status}
          choose={(status) => turns.filter({ ...filter, status })}
        />,
        <CategoryFilter
          key="category"
          chosen={filter.category}
          choose={(category) => turns.filter({ ...filter, category })}
        />,
      ]}
      filtered={search !== "" || filter.status.length > 0 || filter.category !== null}
      view={view}
      turns={turns}
      preferences={preferences}
      prefer={prefer}
      list={{ ...read, data: read.data?.volumes ?? undefined }}
    />
  );
}
