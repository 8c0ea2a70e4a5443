// What `npm run generate` makes of the schema and of the documents in volume.ts: types for them, in generated/.
import type { CodegenConfig } from "@graphql-codegen/cli";

const config: CodegenConfig = {
  schema: "../../schema.graphql",
  documents: "volume.ts",
  generates: {
    "generated/": {
      preset: "client",
      presetConfig: { fragmentMasking: false },
      config: {
        strictScalars: true,
        scalars: { DateTime: "string", ByteCount: "number" },
        enumsAsTypes: true,
        useTypeImports: true,
        importExtension: ".ts", // Node runs TypeScript as it stands, and then an import names the file itself
      },
    },
    // Apollo's cache must be told which types a fragment on an interface fits.
    "generated/possible-types.ts": { plugins: ["fragment-matcher"], config: { useExplicitTyping: true } },
  },
};

export default config;
