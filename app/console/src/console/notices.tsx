import Flashbar, { type FlashbarProps } from "@cloudscape-design/components/flashbar";
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from "react";

import { useText } from "./texts/text";

type Notice = Pick<FlashbarProps.MessageDefinition, "type" | "content">;

// Good news need no answer; whatever else stays until it is closed.
const GOOD_NEWS_MS = 8_000;

let count = 0;

interface Notices {
  show: (notice: Notice) => void;
}

const NoticesContext = createContext<Notices>({ show: () => undefined });
const ShownContext = createContext<FlashbarProps.MessageDefinition[]>([]);

export function NoticesProvider({ children }: { children: ReactNode }) {
  const [shown, setShown] = useState<FlashbarProps.MessageDefinition[]>([]);
  const show = useCallback((notice: Notice) => {
    const id = String((count += 1));
    const close = () => setShown((all) => all.filter((one) => one.id !== id));
    setShown((all) => [{ ...notice, id, dismissible: true, onDismiss: close }, ...all]);
    if (notice.type === "success") setTimeout(close, GOOD_NEWS_MS);
  }, []);
  const notices = useMemo(() => ({ show }), [show]);
  return (
    <NoticesContext value={notices}>
      <ShownContext value={shown}>{children}</ShownContext>
    </NoticesContext>
  );
}

export function useNotices(): Notices {
  return useContext(NoticesContext);
}

/** The flash bar: what was shown and not closed yet, below what is `pinned`. */
export function NoticeBar({ pinned }: { pinned: FlashbarProps.MessageDefinition[] }) {
  const text = useText();
  const shown = useContext(ShownContext).map((one) => ({ ...one, dismissLabel: text("close") }));
  return <Flashbar items={[...pinned, ...shown]} stackItems={false} />;
}
