// What `npm run generate` makes of the schema for gql.tada: its types, in generated/. gql.tada's own command does the
// same with TypeScript 5 and 6; it finds nothing of the compiler in TypeScript 7.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { minifyIntrospection, outputIntrospectionFile } from "@gql.tada/internal";
import { buildSchema, introspectionFromSchema } from "graphql";

const schema = introspectionFromSchema(buildSchema(readFileSync("../../schema.graphql", "utf8")));
const types = outputIntrospectionFile(minifyIntrospection(schema), { fileType: ".d.ts", shouldPreprocess: true });
mkdirSync("generated", { recursive: true });
writeFileSync("generated/graphql-env.d.ts", types);
