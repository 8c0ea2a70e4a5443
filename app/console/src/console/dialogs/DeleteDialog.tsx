import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type ReactNode, useState } from "react";

import type { Read } from "../api/read";
import { useText } from "../texts/text";
import { FormDialog } from "./FormDialog";
import type { Attempts } from "./submission";

/** An object that is to be deleted, and what keeps it from that. */
export interface Doomed {
  id: string;
  name: string;
  status: ReactNode;
  problem?: { message: string } | null;
}

interface Props {
  title: string;
  read: Read<unknown>;
  /** Those that are still there; undefined until they are read. */
  doomed?: Doomed[];
  attempts: Attempts;
  /** Deletes one, and tells whether that was begun. */
  remove: (id: string) => Promise<boolean>;
  finish: (content: string) => void;
}

/** Names each object that will be deleted, and each that cannot be, with its reason. */
export function DeleteDialog({ title, read, doomed, attempts, remove, finish }: Props) {
  const text = useText();
  const [begun, setBegun] = useState<string[]>([]);
  const left = doomed?.filter(({ id }) => !begun.includes(id)) ?? [];
  const deletable = left.filter(({ problem }) => !problem);
  const kept = left.filter(({ problem }) => problem);
  const removeAll = async () => {
    for (const { id } of deletable) {
      if (!(await remove(id))) return read.again();
      setBegun((ids) => [...ids, id]);
    }
    const [{ name }] = deletable as [Doomed];
    const count = begun.length + deletable.length;
    finish(count === 1 ? text("begunDeletion", { name }) : text("begunDeletions", { count }));
  };
  return (
    <FormDialog
      title={title}
      verb={text("delete")}
      read={read}
      subject={doomed?.length === 0 ? null : doomed}
      attempts={attempts}
      submit={removeAll}
      idle={deletable.length === 0}
    >
      {deletable.length > 0 && (
        <SpaceBetween size="xs">
          <div>{text("deletionHelp")}</div>
          <Objects of={deletable} />
        </SpaceBetween>
      )}
      {kept.length > 0 && (
        <SpaceBetween size="xs">
          <Box variant="h3">{text("undeletable")}</Box>
          <Objects of={kept} />
        </SpaceBetween>
      )}
    </FormDialog>
  );
}

function Objects({ of }: { of: Doomed[] }) {
  return (
    <ul>
      {of.map(({ id, name, status, problem }) => (
        <li key={id}>
          <SpaceBetween direction="horizontal" size="xs">
            <Box variant="strong">{name}</Box>
            {status}
          </SpaceBetween>
          {problem && <Box color="text-body-secondary">{problem.message}</Box>}
        </li>
      ))}
    </ul>
  );
}
