import I18nProvider from "@cloudscape-design/components/i18n";
import english from "@cloudscape-design/components/i18n/messages/all.en";
import korean from "@cloudscape-design/components/i18n/messages/all.ko";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";

import { en } from "./en";
import { ko } from "./ko";
import { firstLanguage, type Language, rememberLanguage } from "./language";

export type Key = keyof typeof en;
export type Text = (key: Key, values?: Record<string, string | number>) => string;

const CATALOGUES = { en, ko };

interface Spoken {
  language: Language;
  setLanguage: (language: Language) => void;
  text: Text;
}

const SpokenContext = createContext<Spoken | null>(null);

export function TextProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState(firstLanguage);
  const spoken = useMemo<Spoken>(() => {
    const choose = (chosen: Language) => {
      rememberLanguage(chosen);
      setLanguage(chosen);
    };
    const text: Text = (key, values = {}) =>
      CATALOGUES[language][key].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name]));
    return { language, setLanguage: choose, text };
  }, [language]);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  return (
    <SpokenContext value={spoken}>
      <I18nProvider locale={language} messages={[english, korean]}>
        {children}
      </I18nProvider>
    </SpokenContext>
  );
}

function useSpoken(): Spoken {
  const spoken = useContext(SpokenContext);
  if (spoken === null) throw new Error("there is no TextProvider above");
  return spoken;
}

/** Gives the function that tells a text of the catalogue, with `{values}` put in. */
export function useText(): Text {
  return useSpoken().text;
}

export function useLanguage(): Pick<Spoken, "language" | "setLanguage"> {
  return useSpoken();
}
