import react from "@vitejs/plugin-react";
import { type BuildEnvironmentOptions, defineConfig } from "vite";

import { compress } from "./compress.ts";

// The service that `npm run dev` talks to.
const SERVICE = process.env.SERVICE ?? "http://localhost:8000";

/** Each page is built alone: what both use would else be many small files, and as many requests. */
function page(name: string, input: string): BuildEnvironmentOptions {
  return { license: { fileName: `${name}.licenses.md` }, rolldownOptions: { input: { [name]: input } } };
}

export default defineConfig(({ command }) => ({
  base: "./",
  plugins: [react(), compress()],
  build: {
    outDir: "../static",
    // GraphiQL's editor is that large, and nothing of it is in the console.
    chunkSizeWarningLimit: 4000,
  },
  builder: {},
  // Vite's own bundling for development cannot follow the `?worker` imports in there.
  optimizeDeps: { exclude: ["graphiql/setup-workers/vite", "@graphiql/react/setup-workers/vite"] },
  environments: {
    client: { build: { ...page("console", "index.html"), emptyOutDir: true } },
    // In development one server serves both pages.
    ...(command === "build" && {
      graphiql: { consumer: "client", build: { ...page("graphiql", "graphiql.html"), emptyOutDir: false } },
    }),
  },
  worker: { format: "es" },
  server: { proxy: { "/graphql": { target: SERVICE, ws: true } } },
}));
