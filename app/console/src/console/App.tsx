import { DialogProvider } from "./dialog";
import { NoticesProvider } from "./notices";
import { SessionProvider } from "./session";
import { Shell } from "./shell/Shell";
import { TextProvider } from "./texts/text";

export function App() {
  return (
    <TextProvider>
      <SessionProvider>
        <NoticesProvider>
          <DialogProvider>
            <Shell />
          </DialogProvider>
        </NoticesProvider>
      </SessionProvider>
    </TextProvider>
  );
}
