import type { Text } from "../texts/text";

/** What every row of a list tells: its name, and what may be done with it. */
export interface Actionable {
  id: string;
  name: string;
  actions: { action: string; allowed: boolean; problem: { message: string } | null }[];
}

/** A button above a list. */
export interface Action<Row> {
  id: string;
  text: string;
  primary?: boolean;
  /** Why it cannot be used with these rows. */
  reason: (rows: Row[]) => string | undefined;
  open: (rows: Row[]) => void;
}

/** Says why one row only, and this one, cannot be used; as the service does. */
export function oneAllowed(action: string, text: Text): (rows: Actionable[]) => string | undefined {
  return (rows) => {
    if (rows.length > 1) return text("selectOne");
    return someAllowed(action, text)(rows);
  };
}

/** Says why none of the rows can be used; one that can is enough, for the dialog names those that cannot. */
export function someAllowed(action: string, text: Text): (rows: Actionable[]) => string | undefined {
  return (rows) => {
    if (rows.length === 0) return text("selectFirst");
    const states = rows.map((row) => row.actions.find((state) => state.action === action));
    if (states.some((state) => state?.allowed)) return undefined;
    return states[0]?.problem?.message;
  };
}
