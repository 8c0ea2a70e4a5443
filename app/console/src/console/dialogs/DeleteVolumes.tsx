import { graphql } from "../api/graphql";
import { VolumeStatus } from "../status/Status";
import { useText } from "../texts/text";
import { DeleteDialog } from "./DeleteDialog";
import { useEach } from "./each";
import { PROBLEM } from "./problem";
import { useSubmission } from "./submission";

const VOLUME = graphql(`
  query VolumeToDelete($id: ID!) {
    volume(id: $id) {
      id
      name
      status
      statusReason
      progressPercent
      actions { action problem { message } }
    }
  }
`);
const DELETE = graphql(
  `
    mutation DeleteVolume($input: DeleteVolumeInput!) {
      done: deleteVolume(input: $input) {
        ... on VolumePayload { volume { id } }
        ...Problem
      }
    }
  `,
  [PROBLEM],
);

export function DeleteVolumes({ ids }: { ids: string[] }) {
  const text = useText();
  const read = useEach(VOLUME, ids, "any");
  const { submit, finish, ...attempts } = useSubmission(DELETE);
  const volumes = read.data?.flatMap(({ volume }) => volume ?? []);
  const doomed = volumes?.map((volume) => ({
    id: volume.id,
    name: volume.name,
    status: <VolumeStatus of={volume} />,
    problem: volume.actions.find(({ action }) => action === "DELETE")?.problem,
  }));
  return (
    <DeleteDialog
      title={text("volumeDeletion")}
      read={read}
      doomed={doomed}
      attempts={attempts}
      remove={async (id) => Boolean(await submit({ id }))}
      finish={finish}
    />
  );
}
