import js from "@eslint/js"
import tseslint from "typescript-eslint"

// What each package's src may import, besides its own files. CONTRIBUTING.md says why.
const boundaries = {
  core: {
    allowed: ["graphql"],
    message: "core is plain data: it knows graphql's types and nothing else, no Effect, no host."
  },
  client: {
    allowed: ["@fiberline/core", "effect", "@effect/platform", "graphql"],
    message:
      "client knows core, effect, @effect/platform and graphql. Sockets are the node package's."
  },
  node: {
    allowed: ["@fiberline/client", "effect", "ws", "node:\\w+"],
    message: "node knows client, effect, ws and node:*. Never the testing package."
  },
  appsync: {
    allowed: [
      "@fiberline/client",
      "@fiberline/core",
      "@effect/platform",
      "@aws-crypto/sha256-js",
      "@smithy/signature-v4",
      "effect"
    ],
    message: "appsync knows client, core, effect and, for IAM, what signs. It has no sockets."
  },
  testing: {
    allowed: ["@fiberline/client", "@fiberline/core", "effect", "@effect/platform", "graphql"],
    message:
      "testing knows client, core, effect, @effect/platform and graphql. It has no sockets and runs anywhere."
  },
  codegen: {
    allowed: ["@graphql-codegen/plugin-helpers", "graphql", "prettier", "node:\\w+"],
    message:
      "codegen knows graphql, Code Generator's helpers and prettier. What it writes knows client and effect."
  },
  cli: {
    allowed: [
      "@fiberline/appsync",
      "@fiberline/client",
      "@fiberline/core",
      "@fiberline/node",
      "@effect/cli",
      "@effect/platform",
      "@effect/platform-node",
      "effect",
      "graphql",
      "graphql-ws",
      "ws",
      "node:\\w+"
    ],
    message: "The command line knows client, node, appsync, core, effect, @effect/cli and ws."
  },
  simulation: {
    allowed: ["@fiberline/client", "@fiberline/core", "@fiberline/testing", "effect", "node:\\w+"],
    message: "The simulation knows client, core, testing, effect and node:*, and has no sockets."
  },
  faults: {
    allowed: [
      "@fiberline/client",
      "@fiberline/core",
      "@fiberline/node",
      "effect",
      "graphql",
      "graphql-ws",
      "ws",
      "node:\\w+"
    ],
    message: "The faults happen to what a user would use: client, core, node, effect, graphql."
  },
  interop: {
    allowed: [
      "@fiberline/client",
      "@fiberline/core",
      "@fiberline/node",
      "effect",
      "@effect/platform",
      "graphql",
      "prettier",
      "node:\\w+",
      // The servers, and what they are put on.
      ...[
        "@apollo/server-\\d",
        "@nestjs/[a-z-]+",
        "reflect-metadata",
        "@as-integrations/express5",
        "@graphql-hive/gateway-runtime"
      ],
      ...["@graphql-mesh/transport-http", "@graphql-tools/executor", "@graphql-tools/utils"],
      ...[
        "@graphql-yoga/plugin-[a-z-]+",
        "graphql-upload-minimal",
        "express",
        "express-4",
        "fastify",
        "graphql-http"
      ],
      ...[
        "graphql-sse",
        "graphql-ws-\\d",
        "graphql-yoga",
        "mercurius",
        "mercurius-upload",
        "pg",
        "postgraphile",
        "subscriptions-transport-ws",
        "ws"
      ],
      ...["@aws-crypto/sha256-js", "@smithy/signature-v4", "@fiberline/appsync"]
    ],
    message: "What is tried with others' servers is what a user would have: client, node, effect."
  },
  bench: {
    allowed: [
      "@fiberline/client",
      "@fiberline/node",
      "effect",
      "@effect/platform",
      "ws",
      "node:\\w+",
      // What it is measured beside, and what it measures with.
      ...["@apollo/client", "@urql/core", "wonka", "effect4", "graphql-request"],
      ...["graphql-ws", "relay-runtime", "subscriptions-transport-ws", "esbuild", "prettier"]
    ],
    message: "The benchmark uses what a user of client and node would, and the peers."
  }
}

const boundary = ([name, { allowed, message }]) => ({
  files: [`packages/${name}/src/**/*.ts`],
  rules: {
    "@typescript-eslint/no-restricted-imports": [
      "error",
      {
        paths:
          name === "core"
            ? [{ name: "graphql", allowTypeImports: true, message: "Types only: `import type`." }]
            : [],
        patterns: [
          { regex: `^(?!\\.{1,2}/|(?:${allowed.join("|")})(?:/|$))`, message },
          {
            regex:
              "^(?:effect|@effect/cli|@effect/platform|@effect/platform-node|@fiberline/\\w+)$",
            message: "Name the module (`effect/Effect`), not the barrel."
          },
          { regex: "^(?:\\.\\./)+\\w+/src(?:/|$)", message: "Import the package by its name." }
        ]
      }
    ]
  }
})

// Time, chance and the host come from Effect, or no test could hold the clock still.
const hostGlobals = [
  ...["setTimeout", "setInterval", "setImmediate", "queueMicrotask"].map((name) => ({
    name,
    message: "Effect's fibers and Clock schedule, so that TestClock can."
  })),
  ...["Date", "performance"].map((name) => ({ name, message: "Ask Effect's Clock for the time." })),
  ...["process", "Buffer"].map((name) => ({
    name,
    message: "Node is the node package's business."
  }))
]

export default tseslint.config(
  { ignores: ["**/dist/", "**/node_modules/", ".stryker-tmp/", "reports/"] },
  js.configs.recommended,
  tseslint.configs.strict,
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  {
    files: ["packages/**/*.ts", "docs/**/*.ts"],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname }
    },
    rules: {
      "@typescript-eslint/await-thenable": "error",
      "@typescript-eslint/consistent-type-exports": "error",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": "error",
      "@typescript-eslint/no-unnecessary-type-assertion": "error",
      // A `default` is an answer too.
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true }
      ]
    }
  },
  {
    rules: {
      "@typescript-eslint/consistent-type-imports": [
        "error",
        { fixStyle: "separate-type-imports" }
      ],
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-unused-vars": [
        "error",
        { argsIgnorePattern: "^_", varsIgnorePattern: "^_", destructuredArrayIgnorePattern: "^_" }
      ],
      // Effect's idioms: `{}` in type positions, a type and a value of one name, namespaces of types,
      // `void` in unions, overloads that document, generators that happen not to yield.
      "@typescript-eslint/no-empty-object-type": "off",
      "@typescript-eslint/no-invalid-void-type": "off",
      "@typescript-eslint/no-namespace": "off",
      "@typescript-eslint/unified-signatures": "off",
      "no-redeclare": "off",
      "require-yield": "off"
    }
  },
  Object.entries(boundaries).map(boundary),
  {
    files: ["packages/{core,client}/src/**/*.ts"],
    rules: {
      "no-restricted-globals": ["error", ...hostGlobals],
      "no-restricted-properties": [
        "error",
        { object: "Math", property: "random", message: "Ask Effect's Random." },
        ...hostGlobals.map(({ name, message }) => ({
          object: "globalThis",
          property: name,
          message
        }))
      ]
    }
  },
  {
    files: ["**/test/**/*.ts"],
    rules: {
      "@typescript-eslint/no-non-null-assertion": "off",
      "no-restricted-syntax": [
        "error",
        {
          // it.skip, it.effect.only, describe.todo ...
          selector:
            "MemberExpression[property.name=/^(only|skip|todo)$/]:matches([object.name=/^(it|test|describe)$/], [object.object.name=/^(it|test|describe)$/])",
          message: "A test runs or is not there."
        }
      ]
    }
  },
  {
    files: ["**/*.mjs"],
    languageOptions: { globals: { console: "readonly", URL: "readonly" } }
  }
)
