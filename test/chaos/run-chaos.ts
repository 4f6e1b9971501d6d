import { setTimeout as sleep } from "node:timers/promises";
import path from "node:path";
import { devToken } from "../../infra/local/dev-key.ts";
import type { RunningStack } from "../../infra/local/stack-types.ts";
import { type CheckTotals, openChecker } from "./check/checker.ts";
import { drained } from "./drained.ts";
import { type FaultPlanOptions, planFaults } from "./fault-plan.ts";
import { type DoneFault, strike } from "./faults.ts";
import type { LoadFigures, LoadJob } from "./load/load-job.ts";
import { type LoadProcess, startLoad } from "./load-process.ts";
import { type KindRecovery, recoveryMeter } from "./recovery.ts";
import type { ChaosRun } from "./summary.ts";

/** A backlog that is not decided by then never will be; ten times the target. */
const DRAIN_LIMIT_MS = 100_000;

/** From the end of the bidding, the longest that clients ask for their outcomes. */
const PATIENCE_MS = 60_000;

/** Bidding begins before the first fault, so that there is something to lose. */
const WARM_UP_MS = 2_000;

/** Different people; each is in several rooms. */
const BIDDERS = 200;

export interface ChaosPlan {
  readonly seed: number;
  /** Blows are dealt until this is false. */
  goesOn(state: { readonly elapsedMs: number; readonly bids: number; readonly faults: number }): boolean;
  readonly faults: Pick<FaultPlanOptions, "restMs" | "twice"> & Partial<Pick<FaultPlanOptions, "deck">>;
  readonly load: Pick<LoadJob, "rooms" | "biddersPerRoom" | "thinkMs" | "lifeMs">;
}

export interface ChaosHooks {
  onFigures?(figures: LoadFigures): void;
  onFault?(done: DoneFault): void;
  onChecked?(done: number, all: number): void;
  say?(text: string): void;
}

/** Parts of the stack that end without having been killed say so here. */
export type Deaths = string[];

/** Puts load on a running stack of two cores, breaks its parts by plan, and has what is left of it checked. */
export async function runChaos(
  stack: RunningStack,
  plan: ChaosPlan,
  { deaths, ...hooks }: ChaosHooks & { deaths: Deaths },
): Promise<ChaosRun> {
  const startedMs = Date.now();
  const job = await newJob(stack, plan);
  const load = startLoad(job, (figures) => hooks.onFigures?.(figures));
  try {
    const blows = dealBlows(stack, { plan, load, hooks });
    const faults = await Promise.race([blows, load.failed]);
    const endedMs = Date.now();
    hooks.say?.("the faults are over; waiting for the backlog");
    const [figures, drainedMs] = await Promise.all([load.stop(), untilDrained(stack)]);
    const lastMs = Math.max(startedMs, ...faults.map(({ restoredMs }) => restoredMs));
    const drainMs = drainedMs === null ? null : drainedMs - lastMs;
    // At rest nothing is decided any more, and the log and the shards can be compared as they stand.
    await stack.edge?.stop();
    await Promise.all(stack.core.map((core) => core.stop()));
    hooks.say?.("comparing the log, the shards and what the clients were told");
    const { checked, recovery } = await check(stack, { job, faults, hooks });
    return { seed: plan.seed, startedMs, endedMs, faults, deaths, drainMs, load: figures, checked, recovery };
  } finally {
    load.kill();
  }
}

interface Dealing {
  readonly plan: ChaosPlan;
  readonly load: LoadProcess;
  readonly hooks: ChaosHooks;
}

/** One blow after the other; each part runs again before the next. */
async function dealBlows(stack: RunningStack, { plan, load, hooks }: Dealing): Promise<DoneFault[]> {
  const done: DoneFault[] = [];
  const options = {
    ...plan.faults,
    seed: plan.seed,
    cores: stack.core.length,
    shards: stack.postgres.length,
  };
  const startedMs = Date.now();
  await sleep(WARM_UP_MS);
  for (const blow of planFaults(options)) {
    for (const fault of await strike(stack, blow)) {
      done.push(fault);
      hooks.onFault?.(fault);
    }
    // Without a rest after the last: how soon the backlog is drained counts from its end.
    const state = { elapsedMs: Date.now() - startedMs, bids: load.figures()?.bids ?? 0, faults: done.length };
    if (!plan.goesOn(state)) break;
    await sleep(blow.restMs);
  }
  return done;
}

async function untilDrained(stack: RunningStack): Promise<number | null> {
  const { nats, shards } = stack.info;
  return (await drained({ nats, shards }, Date.now() + DRAIN_LIMIT_MS)) ? Date.now() : null;
}

async function newJob(stack: RunningStack, { seed, load }: ChaosPlan): Promise<LoadJob> {
  if (stack.info.edge === null) throw new Error("this stack has no edge");
  const person = async (id: string, role: string) => ({ id, token: await devToken(stack.data, id, [role]) });
  const bidders = Array.from({ length: BIDDERS }, (_, i) => person(`bidder-${i}`, "bidder"));
  return {
    ...load,
    edgeUrl: stack.info.edge,
    seed,
    folder: path.join(stack.data, "told"),
    patienceMs: PATIENCE_MS,
    bidders: await Promise.all(bidders),
    seller: await person("seller", "seller"),
    operator: await person("operator", "operator"),
  };
}

async function check(
  stack: RunningStack,
  { job, faults, hooks }: { job: LoadJob; faults: readonly DoneFault[]; hooks: ChaosHooks },
): Promise<{ checked: CheckTotals; recovery: KindRecovery[] }> {
  const { nats, shards } = stack.info;
  const checker = await openChecker({ nats, shards, folder: job.folder });
  const meter = recoveryMeter(faults);
  try {
    const checked = await checker.checkAll(
      (told) => meter.add(told),
      (done, all) => hooks.onChecked?.(done, all),
    );
    return { checked, recovery: meter.report() };
  } finally {
    await checker.close();
  }
}
