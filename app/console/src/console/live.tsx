import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef, useState } from "react";

import { follow } from "./api/follow";
import { graphql } from "./api/graphql";
import { makeSocket } from "./api/socket";
import { Bell, type Topic } from "./bell";

const VOLUMES = graphql(`
  subscription VolumeChanges($after: String!) {
    change: volumeChanges(after: $after) { kind cursor }
  }
`);
const SNAPSHOTS = graphql(`
  subscription SnapshotChanges($after: String!) {
    change: snapshotChanges(after: $after) { kind cursor }
  }
`);

// How the service closes a socket whose token does not hold.
const REFUSED = [4401, 4403];

const BellContext = createContext(new Bell());
const ConnectedContext = createContext(true);

interface Props {
  token: string | null;
  /** The end of the journal when the tenant was read; read anew, it is followed anew from there. */
  tenant: { cursor: string };
  /** Called when the token does not hold. */
  refused: () => void;
  /** Called when the journal no longer reaches back to the last cursor. */
  expired: () => void;
  children: ReactNode;
}

/** Keeps the two streams running, and tells whoever listens what kind of thing changed. */
export function LiveProvider({ token, tenant, refused, expired, children }: Props) {
  const bell = useMemo(() => new Bell(), []);
  const [connected, setConnected] = useState(true);
  const missed = useRef(false);
  useEffect(() => {
    const end = new AbortController();
    const socket = makeSocket(token);
    const lost = () => {
      missed.current = true;
      setConnected(false);
    };
    socket.on("connected", () => {
      setConnected(true);
      // What could not be read meanwhile may be old, though no message will say so.
      if (missed.current) bell.ring("volume", "snapshot");
      missed.current = false;
    });
    socket.on("closed", (event) => {
      if (!REFUSED.includes((event as CloseEvent).code)) return;
      end.abort();
      lost();
      refused();
    });
    void follow(socket, VOLUMES, tenant.cursor, { changed: () => bell.ring("volume"), lost, expired }, end.signal);
    void follow(socket, SNAPSHOTS, tenant.cursor, { changed: () => bell.ring("snapshot"), lost, expired }, end.signal);
    return () => {
      missed.current = true;
      end.abort();
      // One that never came to be has nothing to close, and says so.
      Promise.resolve(socket.dispose()).catch(() => undefined);
    };
  }, [token, tenant, refused, expired, bell]);
  return (
    <BellContext value={bell}>
      <ConnectedContext value={connected}>{children}</ConnectedContext>
    </BellContext>
  );
}

/** Calls `refetch` soon after something of the topic changed. */
export function useLive(topic: Topic, refetch: () => void): void {
  const bell = useContext(BellContext);
  useEffect(() => bell.listen(topic, refetch), [bell, topic, refetch]);
}

/** Whether changes arrive at present. */
export function useConnected(): boolean {
  return useContext(ConnectedContext);
}
