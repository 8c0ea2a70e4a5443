import Alert from "@cloudscape-design/components/alert";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import { useState } from "react";

import { graphql } from "../api/graphql";
import { useRead } from "../api/read";
import { useText } from "../texts/text";
import { FormDialog } from "./FormDialog";
import { PROBLEM } from "./problem";
import { SizeField } from "./SizeField";
import { useSubmission } from "./submission";

const VOLUME = graphql(`
  query VolumeToExtend($id: ID!) {
    volume(id: $id) {
      name
      sizeGb
      product
      actions { action warnings { code message } }
    }
  }
`);
const EXTEND = graphql(
  `
    mutation ExtendVolume($input: ExtendVolumeInput!) {
      done: extendVolume(input: $input) {
        ... on VolumePayload { volume { name } }
        ...Problem
      }
    }
  `,
  [PROBLEM],
);

export function ExtendVolume({ id }: { id: string }) {
  const text = useText();
  const read = useRead(VOLUME, { id }, "any");
  const [size, setSize] = useState("");
  const { submit, fault, finish, ...attempts } = useSubmission(EXTEND);
  const volume = read.data?.volume;
  const warnings = volume?.actions.find(({ action }) => action === "EXTEND")?.warnings ?? [];
  const sizeGb = Number(size);
  const extend = async () => {
    const done = await submit({ id, sizeGb });
    if (done) finish(text("begunExtension", { name: done.volume.name, size }));
  };
  return (
    <FormDialog
      title={text("volumeExtension")}
      verb={text("extend")}
      read={read}
      subject={volume}
      attempts={attempts}
      submit={extend}
      idle={!Number.isInteger(sizeGb)}
    >
      {volume && (
        <KeyValuePairs
          columns={3}
          minColumnWidth={120}
          items={[
            { label: text("volumeName"), value: volume.name },
            { label: text("sizeNow"), value: `${volume.sizeGb}GB` },
            { label: text("productType"), value: volume.product },
          ]}
        />
      )}
      {warnings.map(({ code, message }) => (
        <Alert key={code} type="warning">
          {message}
        </Alert>
      ))}
      <SizeField
        label={text("newSize")}
        rule={text("newSizeRule", { now: volume?.sizeGb ?? 0 })}
        value={size}
        fault={fault("sizeGb", sizeGb)}
        onChange={setSize}
      />
    </FormDialog>
  );
}
