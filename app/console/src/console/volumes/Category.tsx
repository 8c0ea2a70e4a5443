import Badge from "@cloudscape-design/components/badge";

import type { VolumeCategory } from "./volumes";

export function Category({ of }: { of: VolumeCategory }) {
  return <Badge color={of === "ROOT" ? "grey" : "blue"}>{of}</Badge>;
}
