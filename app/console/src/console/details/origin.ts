import type { KeyValuePairsProps } from "@cloudscape-design/components/key-value-pairs";

import type { Text } from "../texts/text";
import { when } from "../when";

interface Made {
  createdBy: string;
  updatedBy: string;
  createdAt: string;
  updatedAt: string;
}

/** Who made and who changed an object, and when. */
export function origin({ createdBy, updatedBy, createdAt, updatedAt }: Made, text: Text): KeyValuePairsProps.Group {
  return {
    type: "group",
    title: text("record"),
    items: [
      { label: text("createdBy"), value: createdBy },
      { label: text("createdAt"), value: when(createdAt) },
      { label: text("updatedBy"), value: updatedBy },
      { label: text("updatedAt"), value: when(updatedAt) },
    ],
  };
}
