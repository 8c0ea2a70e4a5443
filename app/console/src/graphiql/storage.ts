import type { GraphiQLProps } from "graphiql";

const PREFIX = "graphiql:";
const HISTORY = ["queries", "favorites"].map((name) => PREFIX + name);

/** What GraphiQL keeps in this browser, but for headers: its history would keep them, tokens and all. */
export const storage: NonNullable<GraphiQLProps["storage"]> = {
  getItem: (key) => localStorage.getItem(key),
  setItem: (key, value) => localStorage.setItem(key, HISTORY.includes(key) ? withoutHeaders(value) : value),
  removeItem: (key) => localStorage.removeItem(key),
  clear: () => kept().forEach((key) => localStorage.removeItem(key)),
  get length() {
    return kept().length;
  },
};

function kept(): string[] {
  return Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
}

function withoutHeaders(value: string): string {
  return JSON.stringify(JSON.parse(value), (key, found) => (key === "headers" ? undefined : found));
}
