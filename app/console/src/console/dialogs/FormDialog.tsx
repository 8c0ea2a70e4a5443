import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button, { type ButtonProps } from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { type ReactNode, useEffect, useId, useRef } from "react";

import { whyFailed } from "../api/failure";
import type { Read } from "../api/read";
import { useDialog } from "../dialog";
import { useText } from "../texts/text";
import type { Attempts } from "./submission";
import { Trouble } from "./Trouble";

interface Props {
  title: string;
  /** What the button that submits says. */
  verb: string;
  read: Read<unknown>;
  /** What the dialog is about: undefined until it is read, null once it is gone. */
  subject: unknown;
  attempts: Attempts;
  submit: () => void;
  /** Whether there is nothing to submit. */
  idle?: boolean;
  takeNewer?: () => void;
  children?: ReactNode;
}

/** A dialog that asks for something to be done: what it is about is read first, what is typed outlives every failure. */
export function FormDialog({ title, verb, read, subject, attempts, submit, idle, takeNewer, children }: Props) {
  const text = useText();
  const { close } = useDialog();
  const id = useId();
  const form = useRef<HTMLFormElement>(null);
  const button = useRef<ButtonProps.Ref>(null);
  const ready = subject !== undefined && subject !== null;
  useEffect(() => {
    if (ready) (form.current?.querySelector<HTMLElement>("input, textarea") ?? button.current)?.focus();
  }, [ready]);
  useEffect(() => {
    form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [attempts.problem]);
  useEffect(() => {
    // A click on what takes no focus leaves it to nobody, and Modal hears a key only within itself.
    const escape = ({ key }: KeyboardEvent) => {
      if (key === "Escape" && document.activeElement === document.body) close();
    };
    document.addEventListener("keydown", escape);
    return () => document.removeEventListener("keydown", escape);
  }, [close]);
  return (
    <Modal
      visible
      header={title}
      // A click beside the dialog must not lose what was typed.
      onDismiss={({ detail }) => detail.reason !== "overlay" && close()}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={close}>
              {text("cancel")}
            </Button>
            <Button ref={button} variant="primary" form={id} disabled={!ready || idle} loading={attempts.underWay}>
              {verb}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      {ready && (
        <form
          id={id}
          ref={form}
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            if (!attempts.underWay && !idle) submit();
          }}
        >
          <SpaceBetween size="l">
            {children}
            <Trouble of={attempts} takeNewer={takeNewer} />
          </SpaceBetween>
        </form>
      )}
      {subject === null && <Alert type="info">{text("gone")}</Alert>}
      {subject === undefined && read.error && (
        <Alert type="error" action={<Button onClick={read.again}>{text("again")}</Button>}>
          {whyFailed(read.error, text)}
        </Alert>
      )}
      {subject === undefined && !read.error && <StatusIndicator type="loading">{text("loading")}</StatusIndicator>}
    </Modal>
  );
}
