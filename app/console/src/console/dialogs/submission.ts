import type { TadaDocumentNode } from "gql.tada";
import { useEffect, useRef, useState } from "react";
import { type CombinedError, useClient } from "urql";

import { useDialog } from "../dialog";
import { useNotices } from "../notices";
import { newIdempotencyKey } from "./idempotencyKey";
import type { Problem } from "./problem";

/** How the attempts to have something done stand. */
export interface Attempts {
  underWay: boolean;
  /** Why it was refused. */
  problem?: Problem;
  /** Why nobody knows whether it was done. */
  failure?: CombinedError;
}

interface Last<Input> extends Omit<Attempts, "underWay"> {
  input?: Input;
}

/** Submits the input of a mutation, again and again until it is done. */
export function useSubmission<Done extends object, Input extends object>(
  mutation: TadaDocumentNode<{ done: Done | null }, { input: Input }>,
) {
  const client = useClient();
  const notices = useNotices();
  const dialog = useDialog();
  const open = useRef(false);
  const [idempotencyKey, setIdempotencyKey] = useState(newIdempotencyKey);
  const [underWay, setUnderWay] = useState(false);
  const [last, setLast] = useState<Last<Input>>({});
  useEffect(() => {
    open.current = true;
    return () => {
      open.current = false;
    };
  }, []);

  /** Gives the payload once it is done. `anew` may give another input to try with after a problem. */
  async function submit(
    input: Input,
    anew?: (problem: Problem) => Promise<Input | undefined>,
  ): Promise<Exclude<Done, Problem> | undefined> {
    setUnderWay(true);
    const { data, error } = await client.mutation(mutation, { input }).toPromise();
    const done = data?.done ?? undefined;
    const problem = done && isProblem(done) ? done : undefined;
    const other = problem && (await anew?.(problem));
    if (other) return submit(other, anew);
    // What the key was used for is done: the next attempt makes another.
    if (problem?.code === "IDEMPOTENCY_KEY_REUSED") setIdempotencyKey(newIdempotencyKey());
    setLast({ input, problem, failure: error });
    setUnderWay(false);
    return error || problem ? undefined : (done as Exclude<Done, Problem>);
  }

  /** What was wrong with a field, as long as it holds the value that was submitted. */
  function fault<Field extends keyof Input & string>(field: Field, value: Input[Field]): string | undefined {
    if (last.input?.[field] !== value) return undefined;
    return last.problem?.fields?.find(({ path }) => path[0] === field)?.message;
  }

  /** Puts the problem of the last attempt away. */
  const forget = () => setLast({});

  /** Tells that it was done, and closes the dialog unless the reader did so meanwhile. */
  function finish(content: string): void {
    notices.show({ type: "success", content });
    if (open.current) dialog.close();
  }

  return { underWay, problem: last.problem, failure: last.failure, idempotencyKey, submit, fault, forget, finish };
}

function isProblem(done: object): done is Problem {
  return "code" in done;
}
