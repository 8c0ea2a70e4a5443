import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";

import { useText } from "../texts/text";

/** Something long that nobody types. */
export function Copyable({ value }: { value: string }) {
  const text = useText();
  return (
    <CopyToClipboard
      variant="inline"
      textToCopy={value}
      textToDisplay={<span style={{ wordBreak: "break-all" }}>{value}</span>}
      copyButtonAriaLabel={text("copy")}
      copySuccessText={text("copied")}
      copyErrorText={text("notCopied")}
    />
  );
}
