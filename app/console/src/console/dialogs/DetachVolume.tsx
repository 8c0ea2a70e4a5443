import Box from "@cloudscape-design/components/box";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";

import { graphql } from "../api/graphql";
import { useRead } from "../api/read";
import { useText } from "../texts/text";
import { FormDialog } from "./FormDialog";
import { PROBLEM } from "./problem";
import { useSubmission } from "./submission";

const VOLUME = graphql(`
  query VolumeToDetach($id: ID!) {
    volume(id: $id) {
      name
      attachment { serverId serverName device }
    }
  }
`);
const DETACH = graphql(
  `
    mutation DetachVolume($input: DetachVolumeInput!) {
      done: detachVolume(input: $input) {
        ... on VolumePayload { volume { name } }
        ...Problem
      }
    }
  `,
  [PROBLEM],
);

export function DetachVolume({ id }: { id: string }) {
  const text = useText();
  const read = useRead(VOLUME, { id }, "volume");
  const { submit, finish, ...attempts } = useSubmission(DETACH);
  const volume = read.data?.volume;
  const server = volume?.attachment;
  const detach = async () => {
    const done = await submit({ id });
    if (done) finish(text("begunDetaching", { name: done.volume.name }));
  };
  return (
    <FormDialog
      title={text("volumeDetaching")}
      verb={text("detach")}
      read={read}
      subject={volume}
      attempts={attempts}
      submit={detach}
    >
      <Box>{text("detachQuestion")}</Box>
      {volume && (
        <KeyValuePairs
          columns={3}
          minColumnWidth={120}
          items={[
            { label: text("volumeName"), value: volume.name },
            { label: text("server"), value: server?.serverName ?? server?.serverId ?? "-" },
            { label: text("device"), value: server?.device ?? "-" },
          ]}
        />
      )}
    </FormDialog>
  );
}
