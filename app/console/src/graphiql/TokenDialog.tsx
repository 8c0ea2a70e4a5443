import { type FormEvent, useEffect, useRef } from "react";

import { keepToken, keptToken } from "../console/api/token";

/** Asks for a token, which is kept in this tab and told to nobody but the service. */
export function TokenDialog({ entered }: { entered: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    keepToken(String(new FormData(event.currentTarget).get("token")).trim());
    entered();
  };
  return (
    <dialog ref={dialog} className="token" aria-labelledby="token-title" closedby="none">
      <form onSubmit={submit}>
        <h1 id="token-title">Who is calling?</h1>
        {keptToken() !== null && <p role="alert">The service does not take the token that it was given.</p>}
        <label htmlFor="token">Bearer token</label>
        <input id="token" name="token" type="password" autoComplete="off" spellCheck={false} required autoFocus />
        <p>This tab keeps it until you close it. One in the headers editor goes before it.</p>
        <button type="submit">Go on</button>
      </form>
    </dialog>
  );
}
