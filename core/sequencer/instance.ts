import { SLOTS_CHANGED_SUBJECT } from "../../shared/subjects.ts";
import type { Bus } from "../bus.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { Claim } from "../shards/claim-slots.ts";
import type { Pulse } from "../shards/heartbeat.ts";
import type { Store } from "../shards/store.ts";
import { createSignal } from "../signal.ts";
import type { CoreMetrics } from "../telemetry.ts";
import { createBacklogBudget } from "./backlog-budget.ts";
import type { CommandLog } from "./log/command-log.ts";
import type { KeyIndexLimits } from "./keys/key-index.ts";
import { type Committer, createCommitter, type SlotBatch } from "./committer.ts";
import { createHaltedSlots } from "./halted-slots.ts";
import { startSlot, type SlotSequencer } from "./slot-sequencer.ts";

export interface InstanceDeps {
  readonly instanceId: string;
  readonly bus: Bus;
  readonly commands: CommandLog;
  readonly stores: readonly Store[];
  readonly clock: Clock;
  readonly streams: number;
  /** Memory for auctions and keys, over all slots. */
  readonly cacheBytes: number;
  /** Of the keys of one auction; its own where nothing is said. */
  readonly keyLimits?: KeyIndexLimits;
  readonly metrics: CoreMetrics;
  readonly log: Log;
  /** A slot is ours now, and has committed nothing yet: what its former owner did not publish is to be published. */
  readonly onClaimed: (slot: SlotSequencer) => void;
  readonly onCommitted: (slot: SlotSequencer, batch: SlotBatch) => void;
}

/** This process's share of the slots. */
export interface Instance {
  slotsOf(shard: Pick<Store, "number">): readonly number[];
  /** Slots of all shards that are out of service, whoever halted them, with the reason. */
  readonly halted: ReadonlyMap<number, string>;
  /** True once every shard has been asked for slots. */
  readonly ready: boolean;
  /** Commits what is decided, hands the slots over and leaves. */
  stop(): Promise<void>;
}

/** Judged by Postgres's clock; a dead instance's slots are free after this, so that their outcomes go on within 3 s. */
const LEASE_MS = 1_500;
/** Four beats fit into a lease, so that one slow answer loses nothing. */
const BEAT_MS = 300;
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
  const halted = createHaltedSlots(deps);
  const changed = createSignal();
  const budgets = new Map(deps.stores.map((store) => [store, createBacklogBudget(MAX_UNCOMMITTED_COMMANDS)]));
  const asked = new Set<Store>();
  const committers = new Map(
    deps.stores.map((store) => [store, createCommitter({ ...deps, store, leaseMs: LEASE_MS })]),
  );
  let stopping = false;
  let advancedAtMs = deps.clock.now();

  const of = ({ number }: Pick<Store, "number">): SlotSequencer[] =>
    [...running.values()].filter((slot) => slot.store.number === number);

  const lose = (slot: number, why: string): void => {
    if (!running.delete(slot)) return;
    deps.metrics.ownedSlots.record(running.size);
    deps.log.warn("a slot is no longer ours", { slot, why });
  };

  const halt = (store: Store, slot: number, reason: string): void => {
    const epoch = running.get(slot)?.epoch;
    if (epoch === undefined || !running.delete(slot)) return;
    halted.halt(store, { slot, epoch, reason });
    deps.metrics.ownedSlots.record(running.size);
  };

  const start = (store: Store, committer: Committer, claim: Claim): void => {
    const { commands, clock, streams, metrics, log } = deps;
    const budget = budgets.get(store) ?? createBacklogBudget(MAX_UNCOMMITTED_COMMANDS);
    const sequencer: SlotSequencer = startSlot(
      {
        commands,
        store,
        clock,
        committer,
        streams,
        budget,
        metrics,
        log,
        keyLimits: deps.keyLimits,
        onCommitted: (batch) => deps.onCommitted(sequencer, batch),
        onLost: (slot) => lose(slot, "fenced"),
        onFault: (slot, reason) => halt(store, slot, reason),
      },
      claim,
    );
    running.set(claim.slot, sequencer);
    deps.onClaimed(sequencer);
  };

  const balance = async (store: Store, committer: Committer, pulse: Pulse): Promise<void> => {
    const share = Math.ceil(pulse.activeSlots / pulse.instances);
    const mine = of(store);
    if (mine.length > share) return handOver(deps, store, mine.slice(share), running);
    if (mine.length === share) return;
    const { instanceId } = deps;
    const held = mine.map(({ slot }) => slot);
    const claims = await store.claimSlots({
      instanceId,
      limit: share - mine.length,
      leaseMs: LEASE_MS,
      held,
    });
    if (stopping) return store.releaseSlots(claims);
    for (const claim of claims) start(store, committer, claim);
    if (claims.length > 0) {
      deps.log.info("slots claimed", { shard: store.number, slots: claims.map(({ slot }) => slot) });
      deps.metrics.ownedSlots.record(running.size);
    }
  };

  const beat = async (store: Store, committer: Committer): Promise<void> => {
    const mine = of(store);
    const learn = halted.beatBegins(store);
    const pulse = await store.heartbeat({ instanceId: deps.instanceId, leaseMs: LEASE_MS, held: mine });
    learn(pulse);
    for (const { slot, epoch } of mine) {
      if (pulse.renewed.has(slot) || running.get(slot)?.epoch !== epoch) continue;
      void running.get(slot)?.stop({ drain: false });
      lose(slot, "its lease was taken");
    }
    if (!stopping) await balance(store, committer, pulse);
    asked.add(store);
  };

  /** Each shard beats by itself: one that hangs must not cost the slots of the others their leases. */
  const beatFor = async (store: Store, committer: Committer): Promise<void> => {
    while (!stopping) {
      await beat(store, committer).catch((error: unknown) => {
        deps.log.warn("a heartbeat failed", { shard: store.number, error });
      });
      await changed.wait(deps.clock.sleep(BEAT_MS));
    }
  };

  const tend = async (): Promise<void> => {
    while (!stopping) {
      await deps.clock.sleep(BEAT_MS);
      evictColdest(running, deps);
      if (deps.clock.now() - advancedAtMs < ADVANCE_MS) continue;
      advancedAtMs = deps.clock.now();
      await advanceIdleSlots(running, deps.log);
    }
  };

  const unsubscribe = deps.bus.subscribe(SLOTS_CHANGED_SUBJECT, () => changed.wake());
  const loops = [...[...committers].map(([store, committer]) => beatFor(store, committer)), tend()];

  return {
    slotsOf: (shard) => of(shard).map(({ slot }) => slot),
    get halted() {
      return halted.reasons;
    },
    get ready() {
      return asked.size === deps.stores.length;
    },
    async stop() {
      stopping = true;
      unsubscribe();
      changed.wake();
      await Promise.allSettled(loops);
      for (const store of deps.stores) await leave(deps, store, of(store), running);
      await Promise.all([...committers.values()].map((committer) => committer.close()));
    },
  };
}

/** Lets the slots finish what they have decided, gives them back, and tells the others to look. */
async function handOver(
  deps: Pick<InstanceDeps, "bus" | "log" | "metrics">,
  store: Store,
  slots: readonly SlotSequencer[],
  running: Map<number, SlotSequencer>,
): Promise<void> {
  await Promise.all(slots.map((slot) => slot.stop({ drain: true })));
  for (const { slot } of slots) running.delete(slot);
  await store.releaseSlots(slots);
  deps.metrics.ownedSlots.record(running.size);
  deps.bus.publish(SLOTS_CHANGED_SUBJECT, "");
  deps.log.info("slots handed over", { shard: store.number, slots: slots.map(({ slot }) => slot) });
}

async function leave(
  deps: InstanceDeps,
  store: Store,
  slots: readonly SlotSequencer[],
  running: Map<number, SlotSequencer>,
): Promise<void> {
  try {
    await handOver(deps, store, slots, running);
    await store.leaveShard(deps.instanceId);
    deps.bus.publish(SLOTS_CHANGED_SUBJECT, "");
  } catch (error) {
    deps.log.warn("a shard could not be left in order; its leases will run out", {
      shard: store.number,
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
