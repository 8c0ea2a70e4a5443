import CollectionPreferences from "@cloudscape-design/components/collection-preferences";

import { useText } from "../texts/text";
import { PAGE_SIZES, type Preferences } from "./preferences";

interface Props {
  columns: { id: string; header: string }[];
  preferences: Preferences;
  prefer: (preferences: Preferences) => void;
}

export function PreferencesButton({ columns, preferences, prefer }: Props) {
  const text = useText();
  return (
    <CollectionPreferences
      title={text("columns")}
      preferences={{ pageSize: preferences.pageSize, contentDisplay: preferences.columns }}
      pageSizePreference={{
        title: text("pageSize"),
        options: PAGE_SIZES.map((size) => ({ value: size, label: text("rows", { count: size }) })),
      }}
      contentDisplayPreference={{
        title: text("columns"),
        options: columns.map(({ id, header }) => ({ id, label: header, alwaysVisible: id === "name" })),
      }}
      onConfirm={({ detail }) =>
        prefer({
          pageSize: detail.pageSize ?? preferences.pageSize,
          columns: detail.contentDisplay ?? preferences.columns,
        })
      }
    />
  );
}
