import { applyMode, Mode } from "@cloudscape-design/global-styles";
import { useEffect, useState } from "react";

const REMEMBERED = "mode";

/** Light or dark: what was chosen here, else what the browser prefers. */
export function useMode(): [Mode, (mode: Mode) => void] {
  const [mode, setMode] = useState(firstMode);
  useEffect(() => applyMode(mode), [mode]);
  const choose = (chosen: Mode) => {
    localStorage.setItem(REMEMBERED, chosen);
    setMode(chosen);
  };
  return [mode, choose];
}

function firstMode(): Mode {
  const chosen = localStorage.getItem(REMEMBERED);
  if (chosen === Mode.Light || chosen === Mode.Dark) return chosen;
  return matchMedia("(prefers-color-scheme: dark)").matches ? Mode.Dark : Mode.Light;
}
