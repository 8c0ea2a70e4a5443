import AppLayoutToolbar from "@cloudscape-design/components/app-layout-toolbar";
import BreadcrumbGroup from "@cloudscape-design/components/breadcrumb-group";
import { useEffect, useState } from "react";

import { SnapshotDetails } from "../details/SnapshotDetails";
import { VolumeDetails } from "../details/VolumeDetails";
import { useConnected } from "../live";
import { NoticeBar } from "../notices";
import { address, useRoute } from "../route";
import { useSession } from "../session";
import { SnapshotsPage } from "../snapshots/SnapshotsPage";
import { useText } from "../texts/text";
import { VolumesPage } from "../volumes/VolumesPage";
import { Menu } from "./Menu";
import { TopBar } from "./TopBar";

const WIDE = "(min-width: 1000px)";

/** What stands around the pages. */
export function Shell() {
  const text = useText();
  const { page, id } = useRoute();
  const { viewer, changeToken, logOut } = useSession();
  const connected = useConnected();
  const [menuOpen, setMenuOpen] = useState(() => matchMedia(WIDE).matches);
  const title = text(page === "volumes" ? "volume" : "snapshot");
  useEffect(() => {
    document.title = `${title} · ${viewer.tenant.name}`;
  }, [title, viewer.tenant.name]);
  useEffect(() => {
    if (!matchMedia(WIDE).matches) setMenuOpen(false);
  }, [page]);
  return (
    <>
      <TopBar caller={{ name: viewer.name, changeToken, logOut }} />
      <AppLayoutToolbar
        headerSelector="#top"
        contentType="table"
        toolsHide
        stickyNotifications
        ariaLabels={{
          navigation: text("navigation"),
          navigationToggle: text("navigationOpen"),
          navigationClose: text("navigationClose"),
          notifications: text("notices"),
        }}
        navigation={<Menu page={page} />}
        navigationOpen={menuOpen}
        onNavigationChange={({ detail }) => setMenuOpen(detail.open)}
        notifications={
          <NoticeBar pinned={connected ? [] : [{ type: "warning", content: text("connectionLost"), id: "connection" }]} />
        }
        breadcrumbs={
          <BreadcrumbGroup
            ariaLabel={text("breadcrumbs")}
            items={[
              { text: text("storage"), href: address("volumes") },
              { text: text("blockStorage"), href: address("volumes") },
              { text: title, href: address(page) },
            ]}
          />
        }
        content={page === "volumes" ? <VolumesPage /> : <SnapshotsPage />}
        splitPanel={id && (page === "volumes" ? <VolumeDetails key={id} id={id} /> : <SnapshotDetails key={id} id={id} />)}
        splitPanelOpen={id !== null}
        onSplitPanelToggle={() => {
          location.hash = address(page);
        }}
      />
    </>
  );
}
