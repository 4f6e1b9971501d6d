import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, inject } from "vitest";
import type { StackInfo, StackOptions, RunningStack } from "../../infra/local/stack-types.ts";
import { startStack } from "../../infra/local/stack.ts";
import { repositoryRoot } from "../../infra/local/environment.ts";

/** All of a test's requests come from one address and a few users; the usual policies would refuse most of them. */
const GENEROUS = { ratePerSecond: 1_000_000, burst: 1_000_000 };
export const NO_RATE_LIMITS = {
  bid: { user: GENEROUS, ip: GENEROUS, auction: GENEROUS },
  create: { user: GENEROUS, ip: GENEROUS },
  manage: { user: GENEROUS, ip: GENEROUS },
  read: { ip: GENEROUS },
};

/** What a test needs to talk to a stack that another process runs. */
export interface StackAddress {
  readonly data: string;
  readonly info: StackInfo;
}

declare module "vitest" {
  interface ProvidedContext {
    stack: StackAddress;
  }
}

/** The stack that all integration suites share. Suites that break things start their own with `useStack`. */
export function sharedStack(): StackAddress {
  return inject("stack");
}

export interface TestStack {
  readonly stack: RunningStack;
  /** Stops it and removes its data; a failed run leaves its logs behind. */
  end(options: { failed: boolean }): Promise<void>;
}

/** A stack of one's own: data in a temporary folder, free ports, no rate limits unless asked for. */
export async function startTestStack(
  options: Partial<StackOptions> = {},
  signal?: AbortSignal,
): Promise<TestStack> {
  const data = await mkdtemp(path.join(tmpdir(), "lastcall-test-"));
  try {
    const stack = await startStack(
      { edgePort: 0, rateLimits: NO_RATE_LIMITS, throwaway: true, ...options, data },
      signal,
    );
    return {
      stack,
      async end({ failed }) {
        await stack.stop();
        if (failed) await keepLogs(data);
        await rm(data, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await keepLogs(data);
    await rm(data, { recursive: true, force: true });
    throw error;
  }
}

/** Starts a stack before the suite and ends it after. The returned function gives it to the tests. */
export function useStack(options: Partial<StackOptions> = {}): () => RunningStack {
  let running: TestStack | undefined;
  beforeAll(async () => {
    running = await startTestStack(options);
  });
  let failed = false;
  afterEach(({ task }) => {
    failed ||= task.result?.state === "fail";
  });
  afterAll(() => running?.end({ failed }));
  return () => {
    if (running === undefined) throw new Error("the stack runs only inside tests and hooks");
    return running.stack;
  };
}

async function keepLogs(data: string): Promise<void> {
  const kept = path.join(repositoryRoot, ".lastcall", "test-logs", path.basename(data));
  await cp(path.join(data, "logs"), kept, { recursive: true }).then(
    () => console.error(`the stack's logs are in ${kept}`),
    (error: unknown) => console.error("the stack left no logs", error),
  );
}
