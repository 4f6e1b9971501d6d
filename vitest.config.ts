import { defineConfig } from "vitest/config";

/** A start of the whole stack, and a core's takeover, fit into this with room for a slow machine. */
const STACK_TIMEOUT_MS = 120_000;

/** Unit tests may start a server or two of their own. */
const UNIT_TIMEOUT_MS = 30_000;

/** Suites that bring the machine to its knees on purpose, and so must not run beside another. */
const ALONE = ["test/integration/**/*.test.ts", "test/chaos/**/*.test.ts"];

/** `--mode deep` (`npm run test:deep`): every law of `test/support/property-runs.ts` is tried twenty times as often. */
const DEEP = { LASTCALL_DEEP: "1" };

export default defineConfig(({ mode }) => ({
  test: {
    // Everything runs on this machine, servers included: more workers than this only fight each other for it.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: "unit",
          env: mode === "deep" ? DEEP : {},
          include: ["test/**/*.test.ts"],
          exclude: ALONE,
          testTimeout: UNIT_TIMEOUT_MS,
          hookTimeout: STACK_TIMEOUT_MS,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: "integration",
          include: ALONE,
          globalSetup: ["test/support/shared-stack.ts"],
          testTimeout: STACK_TIMEOUT_MS,
          hookTimeout: STACK_TIMEOUT_MS,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
}));
