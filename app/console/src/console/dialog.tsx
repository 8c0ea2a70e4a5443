import { createContext, type ReactElement, type ReactNode, useContext, useMemo, useState } from "react";

interface Dialog {
  open: (dialog: ReactElement) => void;
  close: () => void;
}

const DialogContext = createContext<Dialog>({ open: () => undefined, close: () => undefined });

/** Holds the one dialog that may be open. */
export function DialogProvider({ children }: { children: ReactNode }) {
  const [shown, setShown] = useState<ReactElement | null>(null);
  const dialog = useMemo(() => ({ open: setShown, close: () => setShown(null) }), []);
  return (
    <DialogContext value={dialog}>
      {children}
      {shown}
    </DialogContext>
  );
}

export function useDialog(): Dialog {
  return useContext(DialogContext);
}
