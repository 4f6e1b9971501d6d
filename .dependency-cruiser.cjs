/** Who may import whom. Data flows one way: edge → shared contracts → core → shared contracts → edge. */
const only = (name, from, allowed, comment) => ({
  name,
  comment,
  severity: "error",
  from: { path: from },
  to: { pathNot: allowed },
});

const PACKAGES = "(^|/)node_modules/";
const BUILT_IN = "^(node:|bun:|cloudflare:)";

module.exports = {
  forbidden: [
    {
      ...only("shared-imports-only-zod", "^shared/", [
        "^shared/",
        "(^|/)node_modules/zod/",
        "^(node:)?crypto$",
      ]),
      comment: "shared holds contracts: zod and a hash, nothing that one side has and the other has not",
    },
    {
      ...only("auction-is-pure", "^core/auction/", ["^core/auction/", "^shared/", "^(node:)?crypto$"]),
      comment:
        "the decider knows no I/O and no package; a hash is pure, and its tsconfig declares nothing else of crypto",
    },
    {
      name: "core-imports-only-shared",
      comment: "core and edge meet in shared, and nowhere else",
      severity: "error",
      from: { path: "^core/" },
      to: { path: "^(edge|infra|test)/" },
    },
    {
      name: "edge-imports-only-shared",
      comment: "core and edge meet in shared, and nowhere else",
      severity: "error",
      from: { path: "^edge/" },
      to: { path: "^(core|infra|test)/" },
    },
    {
      name: "no-circles",
      comment: "a circle has no first file to read; types may name each other",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "nothing-missing",
      comment: "an import that resolves to nothing",
      severity: "error",
      from: {},
      to: { couldNotResolve: true, pathNot: [BUILT_IN] },
    },
  ],
  options: {
    doNotFollow: { path: PACKAGES },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
      mainFields: ["module", "main", "types"],
      extensions: [".ts", ".mjs", ".js", ".cjs", ".json", ".d.ts"],
    },
    moduleSystems: ["es6", "cjs"],
  },
};
