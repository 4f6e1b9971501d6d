import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { jetstream } from "@nats-io/jetstream";
import { connect } from "nats";
import type { Command } from "../../../shared/commands.ts";
import type { RunningStack } from "../../../infra/local/stack-types.ts";
import { startStack } from "../../../infra/local/stack.ts";
import { readLedger } from "../../support/ledger.ts";
import { readLog } from "../../support/log-tape.ts";
import type { Configuration } from "./configurations.ts";
import { createDisk, type Disk } from "./disk.ts";
import { findLosses, findUndecided, type Losses } from "./find-losses.ts";
import { append, type Promises, startLoad } from "./load.ts";
import { freezeTree, signal } from "./process-tree.ts";

export interface Round extends Losses {
  readonly configuration: string;
  /** Milliseconds of load before the cut. */
  readonly cutAfterMs: number;
  /** Bids that a core did not decide exactly once after the cut. Undefined where the cut left too little to go on. */
  readonly undecided: number | undefined;
  /** What else was found, such as a server that does not start again. */
  readonly notes: readonly string[];
}

/** The least that is promised before the cut: a check without promises would find none broken. */
const LEAST_PROMISED = 500;
const WARM_UP_TIMEOUT_MS = 30_000;

/** How long the core may take to be through with what the cut has left in the log. */
const CATCH_UP_TIMEOUT_MS = 20_000;
const LOOK_AGAIN_MS = 50;

/** From a socket's buffer into this process's memory. */
const ON_ITS_WAY_MS = 50;

/** Small pages in memory: this Postgres lives for seconds. */
const SMALL = { shared_buffers: "64MB", max_wal_size: "512MB" };

/** One cut: servers on disks of their own, load, the cut after `cutAfterMs` of it, a start on what the disks kept, and the check. */
export async function runRound(configuration: Configuration, cutAfterMs: number): Promise<Round> {
  const data = await mkdtemp(path.join(tmpdir(), "lastcall-power-cut-"));
  const ends: (() => Promise<unknown>)[] = [() => rm(data, { recursive: true, force: true })];
  try {
    const disks: Disk[] = [];
    for (const server of ["nats", "postgres"]) {
      const disk = await createDisk(`${data}/${server}.image`, path.join(data, "stack", server));
      ends.push(() => disk.close());
      disks.push(disk);
    }
    const stack = await startServers(path.join(data, "stack"), configuration);
    ends.push(() => stack.stop());
    const promises = await loadAndCut({ stack, disks, configuration }, cutAfterMs);
    const failed = await restart(stack, disks);
    const found = await check(stack, configuration, promises);
    const notes = [...failed, ...found.notes];
    return { ...found, configuration: configuration.name, cutAfterMs, notes };
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

async function startServers(data: string, configuration: Configuration): Promise<RunningStack> {
  const { natsSyncInterval, postgresSettings } = configuration;
  await mkdir(data, { recursive: true });
  return startStack({
    data,
    shards: 1,
    serversOnly: true,
    natsSyncInterval,
    postgresSettings: { ...SMALL, ...postgresSettings },
  });
}

interface Setting {
  readonly stack: RunningStack;
  readonly disks: readonly Disk[];
  readonly configuration: Configuration;
}

async function loadAndCut({ stack, disks, configuration }: Setting, cutAfterMs: number): Promise<Promises> {
  const core = await stack.startCore();
  // A control is to lose what was promised, and not the empty streams and tables with it: these are as if set up long ago.
  if (!configuration.durable) await Promise.all(disks.map((disk) => disk.sync()));
  const load = await startLoad(stack.nats.url);
  const { queued, accepted } = load.promises;
  await until(() => Math.min(queued.length, accepted.length) >= LEAST_PROMISED, WARM_UP_TIMEOUT_MS);
  await sleep(cutAfterMs);
  const frozen = await Promise.all([stack.nats, ...stack.postgres].map(({ pid }) => freezeTree(pid ?? 0)));
  try {
    // What the servers had said by now may still be on its way to us: it was promised.
    await sleep(ON_ITS_WAY_MS);
    const promises = await load.stop();
    await Promise.all(disks.map((disk) => disk.cut()));
    return promises;
  } finally {
    await core.kill();
    signal(frozen.flat(), "SIGKILL");
    await Promise.all([stack.nats, ...stack.postgres].map((part) => part.kill()));
  }
}

async function restart(stack: RunningStack, disks: readonly Disk[]): Promise<string[]> {
  for (const disk of disks) await disk.restore();
  const parts = [stack.nats, ...stack.postgres];
  const starts = await Promise.allSettled(parts.map((part) => part.start()));
  return starts.flatMap((start, number) =>
    start.status === "rejected" ? [`${parts[number]?.name} does not start: ${lastWords(start.reason)}`] : [],
  );
}

/** What a server complained of last; the error has the end of its log. */
function lastWords(reason: unknown): string {
  const complaints = String(reason).match(/(?:FATAL|PANIC|\[FTL\]|Error):.*/g);
  return complaints?.at(-1) ?? String(reason);
}

async function check(
  stack: RunningStack,
  configuration: Configuration,
  promises: Promises,
): Promise<Omit<Round, "configuration" | "cutAfterMs">> {
  const notes: string[] = [];
  const orNothing = async <T>(what: string, reading: Promise<readonly T[]>): Promise<readonly T[]> => {
    try {
      return await reading;
    } catch (error) {
      // A server that did not start, or a stream or a table that is gone: all that it had promised is lost.
      notes.push(`${what}: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`);
      return [];
    }
  };
  const readBids = async () => (await readLedger(stack.info.shards)).bids;
  const log = await orNothing("the log", readLog(stack.nats.url));
  const losses = findLosses(promises, { log, bids: await orNothing("the ledger", readBids()) });
  if (!configuration.durable) return { ...losses, undecided: undefined, notes };

  if (notes.length > 0) return { ...losses, undecided: promises.queued.length, notes };
  await stack.core[0]?.start();
  const nc = await connect({ servers: stack.nats.url });
  try {
    // A bid of each auction after the cut: once these are decided, so is everything before them.
    const js = jetstream(nc);
    const auctions = [...new Set(promises.queued.map(({ auctionId }) => auctionId))];
    const after = await Promise.all(auctions.map((auctionId) => append(js, auctionId, [LAST_BID])));
    const isDecided = async () => findUndecided(after, await readBids()).length === 0;
    await until(isDecided, CATCH_UP_TIMEOUT_MS).catch(() => notes.push("bids after the cut are not decided"));
    const undecided = findUndecided([...promises.queued, ...after], await readBids());
    return { ...losses, undecided: undecided.length, notes };
  } finally {
    await nc.close();
  }
}

const LAST_BID: Command = {
  type: "bid",
  bidderId: "after",
  key: "after",
  body: { amount: Number.MAX_SAFE_INTEGER },
};

async function until(isSo: () => boolean | Promise<boolean>, timeoutMs: number): Promise<void> {
  const deadlineMs = Date.now() + timeoutMs;
  while (!(await isSo())) {
    if (Date.now() > deadlineMs) throw new Error(`not within ${timeoutMs} ms`);
    await sleep(LOOK_AGAIN_MS);
  }
}
