// graphql-eslint's rules for a schema, and its rules for Relay. `npm run lint` runs them from the repository's root,
// because ESLint looks at no file outside of the folder that it starts in.
import graphql from "@graphql-eslint/eslint-plugin";

export default [
  {
    files: ["**/*.graphql"],
    languageOptions: {
      parser: graphql.parser,
      parserOptions: { graphQLConfig: { schema: "schema.graphql" } },
    },
    plugins: { "@graphql-eslint": graphql },
    rules: {
      ...graphql.configs["flat/schema-recommended"].rules,
      ...graphql.configs["flat/schema-relay"].rules,

      "@graphql-eslint/strict-id-in-types": [
        "error",
        {
          exceptions: {
            // Answers, which nobody asks for again: a page and its edges, a mutation's payload, a stream's message,
            // what may be done with an object now.
            suffixes: ["Connection", "Edge", "Payload", "Message", "ActionState"],
            types: [
              // Problems are answers too. NotFound has an `id` to tell which one was not found.
              "InvalidInput",
              "InvalidState",
              "QuotaExceeded",
              "Refused",
              "SnapshotsExist",
              "VersionConflict",
              "VolumeInUse",
              // Values within the object or the answer that holds them.
              "Attachment",
              "InvalidField",
              "Lifecycle",
              "LifecycleStatus",
              "LifecycleTransition",
              "PageInfo",
              "Quota",
              "RateLimit",
              "Warning",
              // Known by something else: a line of the journal by its cursor, a product by its name, the viewer by
              // whoever asks.
              "Event",
              "Product",
              "Viewer",
            ],
          },
        },
      ],

      "@graphql-eslint/relay-edge-types": [
        "error",
        {
          // `nodes` beside `edges`, and lists too short for pages. The specification forbids neither.
          listTypeCanWrapOnlyEdgeType: false,
          // An event is known by its place in the journal, not by an id, and never changes: nothing to refetch. The
          // specification asks for no Node here; the rule has no exception for a single type.
          shouldImplementNode: false,
        },
      ],

      // A journal is read onwards only: `first` and `after`. The specification asks for one direction, or both.
      "@graphql-eslint/relay-arguments": ["error", { includeBoth: false }],
    },
  },
];
