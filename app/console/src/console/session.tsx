import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useEffectEvent,
  useMemo,
  useReducer,
  useState,
} from "react";
import { type CombinedError, Provider } from "urql";

import { makeClient } from "./api/client";
import { graphql, type ResultOf } from "./api/graphql";
import { forgetToken, keepToken, keptToken } from "./api/token";
import { LiveProvider } from "./live";
import { Login } from "./login/Login";
import { TokenDialog } from "./login/TokenDialog";
import { Unreachable } from "./login/Unreachable";
import { useLanguage } from "./texts/text";

const SESSION = graphql(`
  query Session {
    viewer {
      name
      roles
      tenant { id name cursor }
    }
    volumeLifecycle { statuses { status transitional EN: label(locale: EN) KO: label(locale: KO) } }
    snapshotLifecycle { statuses { status transitional EN: label(locale: EN) KO: label(locale: KO) } }
  }
`);

type Answer = ResultOf<typeof SESSION>;
type Known = { [Field in keyof Answer]: NonNullable<Answer[Field]> };

interface Session extends Known {
  /** Lets the reader enter another token. */
  changeToken: () => void;
  /** Forgets the token; undefined where there is none. */
  logOut?: () => void;
}

const SessionContext = createContext<Session | null>(null);

/** Finds out who is calling, and asks for a token where the service wants one. */
export function SessionProvider({ children }: { children: ReactNode }) {
  const { language } = useLanguage();
  const [token, setToken] = useState(keptToken);
  const [turn, again] = useReducer((count: number) => count + 1, 0);
  const [known, setKnown] = useState<Known>();
  const [error, setError] = useState<CombinedError>();
  const [refused, setRefused] = useState(false);
  const [changing, setChanging] = useState(false);
  const [tried, setTried] = useState(false);
  const refuse = useCallback(() => setRefused(true), []);
  const client = useMemo(() => makeClient(token, language, refuse), [token, language, refuse]);

  const begin = useEffectEvent(async () => {
    const answer = await client.query(SESSION, {}).toPromise();
    setError(answer.error);
    // A field is null only beside an error.
    if (!answer.data || answer.error) return;
    setKnown(answer.data as Known);
    setTried(false);
  });
  useEffect(() => void begin(), [token, turn]);

  const enter = (entered: string) => {
    keepToken(entered);
    setRefused(false);
    setChanging(false);
    setTried(true);
    setToken(entered);
    again();
  };
  if (!known) {
    if (refused) return <Login tried={tried} enter={enter} />;
    return error ? <Unreachable error={error} again={again} /> : null;
  }
  const { tenant } = known.viewer;
  const session = { ...known, changeToken: () => setChanging(true), logOut: token === null ? undefined : logOut };
  const close = () => {
    setRefused(false);
    setChanging(false);
  };
  return (
    <Provider value={client}>
      <SessionContext value={session}>
        <LiveProvider key={tenant.id} token={token} tenant={tenant} refused={refuse} expired={again}>
          {children}
        </LiveProvider>
        {(refused || changing) && <TokenDialog expired={refused} tried={tried} enter={enter} close={close} />}
      </SessionContext>
    </Provider>
  );
}

function logOut(): void {
  forgetToken();
  location.reload();
}

/** Who is calling, and the statuses with their words. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error("there is no SessionProvider above");
  return session;
}
