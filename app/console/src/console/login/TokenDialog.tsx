import Box from "@cloudscape-design/components/box";
import Modal from "@cloudscape-design/components/modal";

import { useText } from "../texts/text";
import { TokenForm } from "./TokenForm";

interface Props {
  /** Whether the token that there was no longer holds. */
  expired: boolean;
  /** Whether a token was entered, and refused. */
  tried: boolean;
  enter: (token: string) => void;
  close: () => void;
}

/** Asks for another token above whatever is open, so that nothing typed there is lost. */
export function TokenDialog({ expired, tried, enter, close }: Props) {
  const text = useText();
  return (
    <Modal visible header={text(expired && !tried ? "tokenExpired" : "otherToken")} onDismiss={close}>
      {expired && !tried && <Box padding={{ bottom: "m" }}>{text("tokenExpiredHelp")}</Box>}
      <TokenForm tried={tried} enter={enter} />
    </Modal>
  );
}
