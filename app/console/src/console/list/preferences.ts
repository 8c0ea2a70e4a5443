import type { CollectionPreferencesProps } from "@cloudscape-design/components/collection-preferences";
import { useState } from "react";

/** What a reader prefers of a list, remembered in this browser. */
export interface Preferences {
  pageSize: number;
  columns: readonly CollectionPreferencesProps.ContentDisplayItem[];
}

export const PAGE_SIZES = [10, 20, 50];

export function usePreferences(list: string, columns: { id: string }[]): [Preferences, (preferences: Preferences) => void] {
  const place = `list-${list}`;
  const [preferences, setPreferences] = useState<Preferences>(() => read(place, columns.map(({ id }) => id)));
  const prefer = (chosen: Preferences) => {
    localStorage.setItem(place, JSON.stringify(chosen));
    setPreferences(chosen);
  };
  return [preferences, prefer];
}

function read(place: string, columnIds: string[]): Preferences {
  const kept = JSON.parse(localStorage.getItem(place) ?? "{}") as Partial<Preferences>;
  const pageSize = PAGE_SIZES.find((size) => size === kept.pageSize) ?? 20;
  // Columns that came or went since then would else stay unseen or unknown.
  const known = (kept.columns ?? []).filter(({ id }) => columnIds.includes(id));
  const newer = columnIds.filter((id) => !known.some((column) => column.id === id));
  return { pageSize, columns: [...known, ...newer.map((id) => ({ id, visible: true }))] };
}
