/** What somebody wrote, in the lines that it was written in. */
export function Prose({ children }: { children: string }) {
  return <span style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>{children || "-"}</span>;
}
