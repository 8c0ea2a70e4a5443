import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import { useState } from "react";
import { useClient } from "urql";

import { graphql } from "../api/graphql";
import { useRead } from "../api/read";
import { VolumeStatus } from "../status/Status";
import { useText } from "../texts/text";
import { DescriptionField } from "./DescriptionField";
import { FormDialog } from "./FormDialog";
import { NameField } from "./NameField";
import { type Problem, PROBLEM } from "./problem";
import { ProtectedField } from "./ProtectedField";
import { useSubmission } from "./submission";

const VOLUME = graphql(`
  query VolumeToEdit($id: ID!) {
    volume(id: $id) {
      name
      description
      protected
      version
      status
      statusReason
      progressPercent
      category
      product
      sizeGb
    }
  }
`);
const UPDATE = graphql(
  `
    mutation UpdateVolume($input: UpdateVolumeInput!) {
      done: updateVolume(input: $input) {
        ... on VolumePayload { volume { name } }
        ...Problem
      }
    }
  `,
  [PROBLEM],
);

interface Draft {
  name?: string;
  description?: string;
  protected?: boolean;
}

export function EditVolume({ id }: { id: string }) {
  const text = useText();
  const client = useClient();
  const read = useRead(VOLUME, { id }, "none");
  const [draft, setDraft] = useState<Draft>({});
  const { submit, fault, forget, finish, ...attempts } = useSubmission(UPDATE);
  const volume = read.data?.volume;
  const { name = "", description = "", protected: kept = false } = { ...volume, ...draft };

  // The version grows with the storage's work too: that alone is no conflict.
  const rebased = async ({ code }: Problem) => {
    if (code !== "VERSION_CONFLICT") return undefined;
    const newer = (await client.query(VOLUME, { id }).toPromise()).data?.volume;
    const fields = ["name", "description", "protected"] as const;
    const same = newer && fields.every((field) => newer[field] === volume?.[field]);
    return same ? { id, ...draft, expectedVersion: newer.version } : undefined;
  };
  const save = async () => {
    const done = await submit({ id, ...draft, expectedVersion: volume?.version }, rebased);
    if (done) finish(text("saved", { name: done.volume.name }));
  };
  const takeNewer = () => {
    setDraft({});
    forget();
    read.again();
  };
  return (
    <FormDialog
      title={text("volumeEditing")}
      verb={text("save")}
      read={read}
      subject={volume}
      attempts={attempts}
      submit={save}
      takeNewer={takeNewer}
    >
      {volume && (
        <KeyValuePairs
          columns={2}
          items={[
            { label: text("status"), value: <VolumeStatus of={volume} /> },
            { label: text("category"), value: volume.category },
            { label: text("size"), value: `${volume.sizeGb}GB` },
            { label: text("productType"), value: volume.product },
          ]}
        />
      )}
      <NameField
        label={text("volumeName")}
        value={name}
        fault={fault("name", name)}
        onChange={(value) => setDraft({ ...draft, name: value })}
      />
      <DescriptionField
        value={description}
        fault={fault("description", description)}
        onChange={(value) => setDraft({ ...draft, description: value })}
      />
      <ProtectedField value={kept} onChange={(value) => setDraft({ ...draft, protected: value })} />
    </FormDialog>
  );
}
