import TopNavigation, { type TopNavigationProps } from "@cloudscape-design/components/top-navigation";
import { Mode } from "@cloudscape-design/global-styles";

import { type Text, useLanguage, useText } from "../texts/text";
import { useMode } from "./mode";

interface Props {
  /** Who is logged in, and how to be somebody else. */
  caller?: { name: string; changeToken: () => void; logOut?: () => void };
}

/** The bar above every page. */
export function TopBar({ caller }: Props) {
  const text = useText();
  const { language, setLanguage } = useLanguage();
  const [mode, setMode] = useMode();
  const other = mode === Mode.Dark ? Mode.Light : Mode.Dark;
  const otherName = text(other === Mode.Dark ? "darkMode" : "lightMode");
  return (
    <div id="top" style={{ position: "sticky", insetBlockStart: 0, zIndex: 1002 }}>
      <TopNavigation
        identity={{ href: "#/volumes", title: text("product") }}
        i18nStrings={{ overflowMenuTriggerText: text("more"), overflowMenuTitleText: text("more") }}
        utilities={[
          ...(caller ? [callerMenu(caller, text)] : []),
          {
            type: "menu-dropdown",
            text: language === "ko" ? "한국어" : "English",
            ariaLabel: text("language"),
            items: [
              { id: "ko", text: "한국어", lang: "ko" },
              { id: "en", text: "English", lang: "en" },
            ],
            onItemClick: ({ detail }) => setLanguage(detail.id === "ko" ? "ko" : "en"),
          },
          { type: "button", text: otherName, onClick: () => setMode(other) },
        ]}
      />
    </div>
  );
}

function callerMenu(caller: NonNullable<Props["caller"]>, text: Text): TopNavigationProps.MenuDropdownUtility {
  return {
    type: "menu-dropdown",
    iconName: "user-profile",
    text: caller.name,
    items: [
      { id: "changeToken", text: text("otherToken") },
      ...(caller.logOut ? [{ id: "logOut", text: text("logOut") }] : []),
    ],
    onItemClick: ({ detail }) => (detail.id === "logOut" ? caller.logOut?.() : caller.changeToken()),
  };
}
