import type { JetStreamClient, JetStreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "nats";
import { SLOTS_CHANGED_SUBJECT } from "../../shared/subjects.ts";
import type { Log } from "../log.ts";
import { type Claim, claimSlots } from "../shards/claim-slots.ts";
import type { Shard } from "../shards/connect.ts";
import { haltSlot } from "../shards/halt-slot.ts";
import { heartbeat, type Pulse } from "../shards/heartbeat.ts";
import { leaveShard, releaseSlots } from "../shards/release-slots.ts";
import type { CoreMetrics } from "../telemetry.ts";
import { createBacklogBudget } from "./backlog-budget.ts";
import { type Committer, createCommitter, type SlotBatch } from "./committer.ts";
import { createSignal } from "../signal.ts";
import { startSlot, type SlotSequencer } from "./slot-sequencer.ts";

export interface InstanceDeps {
  readonly instanceId: string;
  readonly nc: NatsConnection;
  readonly js: JetStreamClient;
  readonly jsm: JetStreamManager;
  readonly shards: readonly Shard[];
  readonly streams: number;
  /** Memory for auctions and keys, over all slots. */
  readonly cacheBytes: number;
  readonly metrics: CoreMetrics;
  readonly log: Log;
  /** A slot is ours now, and has committed nothing yet: what its former owner did not publish is to be published. */
  readonly onClaimed: (slot: SlotSequencer) => Promise<void>;
  readonly onCommitted: (slot: SlotSequencer, batch: SlotBatch) => void;
}

/** This process's share of the slots. */
export interface Instance {
  slotsOf(shard: Shard): readonly number[];
  /** Slots that this instance had to take out of service, with the reason. */
  readonly halted: ReadonlyMap<number, string>;
  /** True once every shard has been asked for slots. */
  readonly ready: boolean;
  /** Commits what is decided, hands the slots over and leaves. */
  stop(): Promise<void>;
}

/** Judged by Postgres's clock; a dead instance's slots are free after this. */
const LEASE_MS = 2_000;
/** Four beats fit into a lease, so that one slow answer loses nothing. */
const BEAT_MS = 400;
/** How often idle slots follow the stream's tail. */
const ADVANCE_MS = 5_000;
/** Commands of one shard that are decided and not yet committed: several commits' worth, so that the committer never waits for the decider. */
const MAX_UNCOMMITTED_COMMANDS = 16_000;

/**
 * Keeps this process's slots: claims its fair share of every shard, renews, gives back what is too much, and takes over what others
 * let lapse. A lease is only politeness; what keeps two owners apart is the epoch in each commit.
 */
export function startInstance(deps: InstanceDeps): Instance {
  const running = new Map<number, SlotSequencer>();
  const halted = new Map<number, string>();
  const changed = createSignal();
  const budgets = new Map(deps.shards.map((shard) => [shard, createBacklogBudget(MAX_UNCOMMITTED_COMMANDS)]));
  const asked = new Set<Shard>();
  const committers = new Map(
    deps.shards.map((shard) => [shard, createCommitter({ ...deps, shard, leaseMs: LEASE_MS })]),
  );
  let stopping = false;
  let advancedAtMs = Date.now();

  const of = (shard: Shard): SlotSequencer[] => [...running.values()].filter((slot) => slot.shard === shard);

  const lose = (slot: number, why: string): void => {
    if (!running.delete(slot)) return;
    deps.metrics.ownedSlots.record(running.size);
    deps.log.warn("a slot is no longer ours", { slot, why });
  };

  const halt = (shard: Shard, slot: number, reason: string): void => {
    const epoch = running.get(slot)?.epoch;
    if (epoch === undefined || !running.delete(slot)) return;
    halted.set(slot, reason);
    deps.metrics.ownedSlots.record(running.size);
    deps.metrics.haltedSlots.record(halted.size);
    deps.log.error("a slot is out of service until an operator acts", { slot, reason });
    haltSlot(shard, { slot, epoch, reason }).catch((error: unknown) => {
      deps.log.error("the halted slot could not be marked", { slot, error });
    });
  };

  const start = (shard: Shard, committer: Committer, claim: Claim): void => {
    const { js, jsm, streams, metrics, log } = deps;
    const budget = budgets.get(shard) ?? createBacklogBudget(MAX_UNCOMMITTED_COMMANDS);
    const sequencer: SlotSequencer = startSlot(
      {
        js,
        jsm,
        shard,
        committer,
        streams,
        budget,
        metrics,
        log,
        onCommitted: (batch) => deps.onCommitted(sequencer, batch),
        onLost: (slot) => lose(slot, "fenced"),
        onFault: (slot, reason) => halt(shard, slot, reason),
      },
      claim,
    );
    running.set(claim.slot, sequencer);
    halted.delete(claim.slot);
    deps.onClaimed(sequencer).catch((error: unknown) => {
      log.warn("results of a former owner could not be published again", { slot: claim.slot, error });
    });
  };

  const balance = async (shard: Shard, committer: Committer, pulse: Pulse): Promise<void> => {
    const share = Math.ceil(pulse.activeSlots / pulse.instances);
    const mine = of(shard);
    if (mine.length > share) return handOver(deps, shard, mine.slice(share), running);
    if (mine.length === share) return;
    const { instanceId } = deps;
    const held = mine.map(({ slot }) => slot);
    const claims = await claimSlots(shard, {
      instanceId,
      limit: share - mine.length,
      leaseMs: LEASE_MS,
      held,
    });
    if (stopping) return releaseSlots(shard, claims);
    for (const claim of claims) start(shard, committer, claim);
    if (claims.length > 0) {
      deps.log.info("slots claimed", { shard: shard.number, slots: claims.map(({ slot }) => slot) });
      deps.metrics.ownedSlots.record(running.size);
    }
  };

  const beat = async (shard: Shard, committer: Committer): Promise<void> => {
    const mine = of(shard);
    const pulse = await heartbeat(shard, { instanceId: deps.instanceId, leaseMs: LEASE_MS, held: mine });
    for (const { slot, epoch } of mine) {
      if (pulse.renewed.has(slot) || running.get(slot)?.epoch !== epoch) continue;
      void running.get(slot)?.stop({ drain: false });
      lose(slot, "its lease was taken");
    }
    if (!stopping) await balance(shard, committer, pulse);
    asked.add(shard);
  };

  /** Each shard beats by itself: one that hangs must not cost the slots of the others their leases. */
  const beatFor = async (shard: Shard, committer: Committer): Promise<void> => {
    while (!stopping) {
      await beat(shard, committer).catch((error: unknown) => {
        deps.log.warn("a heartbeat failed", { shard: shard.number, error });
      });
      await Promise.race([changed.wait(), sleep(BEAT_MS)]);
    }
  };

  const tend = async (): Promise<void> => {
    while (!stopping) {
      await sleep(BEAT_MS);
      evictColdest(running, deps);
      if (Date.now() - advancedAtMs < ADVANCE_MS) continue;
      advancedAtMs = Date.now();
      await advanceIdleSlots(running, deps.log);
    }
  };

  const hint = deps.nc.subscribe(SLOTS_CHANGED_SUBJECT, { callback: () => changed.wake() });
  const loops = [...[...committers].map(([shard, committer]) => beatFor(shard, committer)), tend()];

  return {
    slotsOf: (shard) => of(shard).map(({ slot }) => slot),
    halted,
    get ready() {
      return asked.size === deps.shards.length;
    },
    async stop() {
      stopping = true;
      hint.unsubscribe();
      changed.wake();
      await Promise.allSettled(loops);
      for (const shard of deps.shards) await leave(deps, shard, of(shard), running);
      await Promise.all([...committers.values()].map((committer) => committer.close()));
    },
  };
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Lets the slots finish what they have decided, gives them back, and tells the others to look. */
async function handOver(
  deps: Pick<InstanceDeps, "nc" | "log" | "metrics">,
  shard: Shard,
  slots: readonly SlotSequencer[],
  running: Map<number, SlotSequencer>,
): Promise<void> {
  await Promise.all(slots.map((slot) => slot.stop({ drain: true })));
  for (const { slot } of slots) running.delete(slot);
  await releaseSlots(shard, slots);
  deps.metrics.ownedSlots.record(running.size);
  deps.nc.publish(SLOTS_CHANGED_SUBJECT);
  deps.log.info("slots handed over", { shard: shard.number, slots: slots.map(({ slot }) => slot) });
}

async function leave(
  deps: InstanceDeps,
  shard: Shard,
  slots: readonly SlotSequencer[],
  running: Map<number, SlotSequencer>,
): Promise<void> {
  try {
    await handOver(deps, shard, slots, running);
    await leaveShard(shard, deps.instanceId);
    deps.nc.publish(SLOTS_CHANGED_SUBJECT);
  } catch (error) {
    deps.log.warn("a shard could not be left in order; its leases will run out", {
      shard: shard.number,
      error,
    });
  }
}

async function advanceIdleSlots(running: ReadonlyMap<number, SlotSequencer>, log: Log): Promise<void> {
  for (const slot of running.values()) {
    await slot.advanceIdle().catch((error: unknown) => {
      log.warn("an idle slot could not follow its stream", { slot: slot.slot, error });
    });
  }
}

/** Keeps all slots' memory within its limit, taking from the largest first. */
function evictColdest(
  running: ReadonlyMap<number, SlotSequencer>,
  deps: Pick<InstanceDeps, "cacheBytes" | "metrics">,
): void {
  const books = [...running.values()].map(({ book }) => ({ book, bytes: book.bytes }));
  const auctions = books.reduce((sum, { book }) => sum + book.auctions, 0);
  deps.metrics.cachedAuctions.record(auctions);
  let excess = books.reduce((sum, { bytes }) => sum + bytes, 0) - deps.cacheBytes;
  for (const { book, bytes } of books.sort((a, b) => b.bytes - a.bytes)) {
    if (excess <= 0) return;
    const before = bytes;
    book.evict(excess);
    excess -= before - book.bytes;
  }
}
