import { mkdtemp, rm, statfs } from "node:fs/promises";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import path from "node:path";
import { devToken } from "../../infra/local/dev-key.ts";
import { startStack } from "../../infra/local/stack.ts";
import type { CorePart } from "../../infra/local/stack-types.ts";
import { DEFAULT_SLOTS } from "../../shared/slots.ts";
import { DEFAULT_STREAMS } from "../../shared/subjects.ts";

/**
 * Far above any load of ours: all of it comes from one address and few bidders, so the usual policies would measure
 * themselves. Leases grow with the burst, so the global bucket is asked less often than with people's policies.
 */
const UNLIMITED = { ratePerSecond: 1_000_000, burst: 1_000_000 };
const RATE_LIMITS = {
  bid: { user: UNLIMITED, ip: UNLIMITED, auction: UNLIMITED },
  create: { user: UNLIMITED, ip: UNLIMITED },
  manage: { user: UNLIMITED, ip: UNLIMITED },
  read: { ip: UNLIMITED },
};

/** Pinned, so that the surrounding environment cannot change what is measured. */
const CLUSTER = { LASTCALL_SLOTS: String(DEFAULT_SLOTS), LASTCALL_STREAMS: String(DEFAULT_STREAMS) };

const TMPFS_MAGIC = 0x01021994;

/** Of the machine's cores over the last minute: more, and something else than the benchmark is at work. */
const BUSY_SHARE = 0.25;

/** A stack of one benchmark run: its own data, free ports, nothing shared with any other. */
export interface BenchStack {
  readonly edgeUrl: string;
  readonly natsUrl: string;
  readonly shardUrls: readonly string[];
  readonly slots: number;
  token(sub: string, role: "bidder" | "seller"): Promise<string>;
  /** One core runs; a new process when there was none. */
  ensureCore(): Promise<CorePart>;
  /** No core runs. */
  stopCores(): Promise<void>;
  /** Ends everything and removes the data. */
  stop(): Promise<void>;
}

export interface BenchStackOptions {
  readonly withEdge: boolean;
  /** Where to make the run's folder; undefined for the system's temporary one. */
  readonly parent: string | undefined;
  readonly progress: (text: string) => void;
}

export async function startBenchStack(options: BenchStackOptions, signal: AbortSignal): Promise<BenchStack> {
  const { withEdge, parent = tmpdir(), progress } = options;
  const data = await mkdtemp(path.join(parent, "lastcall-bench-"));
  const removeData = (): Promise<void> => rm(data, { recursive: true, force: true });
  const [load = 0] = loadavg();
  if (load > BUSY_SHARE * availableParallelism()) {
    progress(
      `the machine is busy (load ${load.toFixed(1)} on ${availableParallelism()} cores): figures will be worse than they could be`,
    );
  }
  if ((await statfs(data)).type === TMPFS_MAGIC) {
    progress(
      `${parent} is held in memory: its fsync costs nothing and the figures flatter. Give a real disk with --data.`,
    );
  }
  const stack = await startStack(
    {
      data,
      serversOnly: !withEdge,
      edgePort: 0,
      rateLimits: RATE_LIMITS,
      coreEnv: CLUSTER,
      edgeEnv: CLUSTER,
      report: progress,
      onDeath: (part, how) => progress(`${part} has ended by itself: ${how}`),
    },
    signal,
  ).catch(async (error: unknown) => {
    await removeData();
    throw error;
  });
  return {
    edgeUrl: stack.edge?.url ?? "",
    natsUrl: stack.nats.url,
    shardUrls: stack.postgres.map((shard) => shard.url),
    slots: DEFAULT_SLOTS,
    token: (sub, role) => devToken(data, sub, [role]),
    async ensureCore() {
      const [core] = stack.core;
      if (core === undefined) return stack.startCore();
      if (core.pid === null) await core.start();
      return core;
    },
    stopCores: async () => void (await Promise.all(stack.core.map((core) => core.stop()))),
    async stop() {
      await stack.stop();
      await removeData();
    },
  };
}
