import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import type { ReactNode } from "react";

import { TopBar } from "../shell/TopBar";

/** A page without menu: what there is before anyone is known. */
export function Plain({ title, children }: { title: string; children: ReactNode }) {
  return (
    <>
      <TopBar />
      <main style={{ maxWidth: "32rem", margin: "0 auto" }}>
        <Box padding="xl">
          <Container header={<Header variant="h1">{title}</Header>}>{children}</Container>
        </Box>
      </main>
    </>
  );
}
