import { useSyncExternalStore } from "react";

export type Page = "volumes" | "snapshots";

/** Where the reader is: a list, and the row of it that is looked at. */
export interface Route {
  page: Page;
  id: string | null;
}

export function address(page: Page, id?: string): string {
  return id === undefined ? `#/${page}` : `#/${page}/${encodeURIComponent(id)}`;
}

export function useRoute(): Route {
  const hash = useSyncExternalStore(listen, () => location.hash);
  const [page, id] = hash.slice(2).split("/");
  return { page: page === "snapshots" ? "snapshots" : "volumes", id: id ? decodeURIComponent(id) : null };
}

function listen(changed: () => void): () => void {
  addEventListener("hashchange", changed);
  return () => removeEventListener("hashchange", changed);
}
