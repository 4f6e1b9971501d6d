import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { devToken } from "../../infra/local/dev-key.ts";
import { startStack } from "../../infra/local/stack.ts";
import type { Door } from "./replay-auctions.ts";

/** All of eBay's bidders come from one address; people's policies would only slow them down. */
const UNLIMITED = { ratePerSecond: 1_000_000, burst: 1_000_000 };
const RATE_LIMITS = {
  bid: { user: UNLIMITED, ip: UNLIMITED, auction: UNLIMITED },
  create: { user: UNLIMITED, ip: UNLIMITED },
  manage: { user: UNLIMITED, ip: UNLIMITED },
  read: { ip: UNLIMITED },
};

/** The door of a stack whose development key lies in `data`. */
export const doorOf = (edgeUrl: string, data: string): Door => ({
  edgeUrl,
  token: (sub, role) => devToken(data, sub, [role]),
});

/** Starts a stack with data and ports of its own, and ends it after the work. */
export async function withOwnStack<Result>(
  work: (door: Door) => Promise<Result>,
  { report, signal }: { report: (text: string) => void; signal: AbortSignal },
): Promise<Result> {
  const data = await mkdtemp(path.join(tmpdir(), "lastcall-replay-"));
  try {
    const stack = await startStack({ data, edgePort: 0, rateLimits: RATE_LIMITS, report }, signal);
    try {
      return await work(doorOf(stack.edge?.url ?? "", data));
    } finally {
      report("stopping the stack");
      await stack.stop();
    }
  } finally {
    await rm(data, { recursive: true, force: true });
  }
}
