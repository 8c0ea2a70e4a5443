import { useText } from "../texts/text";
import { Plain } from "./Plain";
import { TokenForm } from "./TokenForm";

interface Props {
  /** Whether a token was entered, and refused. */
  tried: boolean;
  enter: (token: string) => void;
}

export function Login({ tried, enter }: Props) {
  const text = useText();
  return (
    <Plain title={text("logIn")}>
      <TokenForm tried={tried} enter={enter} />
    </Plain>
  );
}
