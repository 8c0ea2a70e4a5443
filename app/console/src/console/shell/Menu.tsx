import SideNavigation from "@cloudscape-design/components/side-navigation";

import { address, type Page } from "../route";
import { useSession } from "../session";
import { useText } from "../texts/text";
import { Quotas } from "./Quotas";

export function Menu({ page }: { page: Page }) {
  const text = useText();
  const { viewer } = useSession();
  return (
    <>
      <SideNavigation
        header={{ text: viewer.tenant.name, href: address("volumes") }}
        activeHref={address(page)}
        items={[
          {
            type: "section-group",
            title: text("storage"),
            items: [
              {
                type: "section",
                text: text("blockStorage"),
                items: [
                  { type: "link", text: text("volume"), href: address("volumes") },
                  { type: "link", text: text("snapshot"), href: address("snapshots") },
                ],
              },
            ],
          },
          { type: "divider" },
          { type: "link", text: "GraphiQL", href: "graphql", external: true, externalIconAriaLabel: text("newTab") },
        ]}
      />
      <Quotas />
    </>
  );
}
