import type { Clock } from "../clock.ts";
import { CoreError } from "../core-error.ts";
import type { Log } from "../log.ts";
import type { DeadLetterRow, PositionMove } from "../shards/commit.ts";
import type { Store } from "../shards/store.ts";
import { createSignal } from "../signal.ts";
import type { CoreMetrics } from "../telemetry.ts";
import { isDataError } from "./refusals/data-error.ts";
import type { DecidedEnvelope } from "./slot-book.ts";
import { toCommit } from "./to-commit.ts";

/** What a slot has decided and wants committed, in log order. */
export interface SlotBatch {
  readonly slot: CommittingSlot;
  readonly move: PositionMove;
  readonly decided: readonly DecidedEnvelope[];
  readonly deadLetters: readonly DeadLetterRow[];
  /** Messages of the log that the move passes over. */
  readonly messages: number;
  /** What it counts for where commands are counted. */
  readonly weight: number;
}

/** A slot as its committer sees it. */
export interface CommittingSlot {
  readonly slot: number;
  /** What is decided, up to about `commands`; undefined when there is nothing (any more). */
  take(commands: number): SlotBatch | undefined;
  committed(batch: SlotBatch): void;
  /** Somebody else has the slot, or its position moved: nothing of the batch was written. */
  fenced(): void;
  /** Postgres refuses the batch's data; none of it was written. */
  refused(batch: SlotBatch, error: Error): void;
}

export interface Committer {
  /** The slot has something to commit. */
  offer(slot: CommittingSlot): void;
  /** Whether Postgres would take the batch's data; nothing of it is written. Throws when there is no answer. */
  probe(batch: SlotBatch): Promise<boolean>;
  /** Commits no more; resolves when the commit in flight has ended. */
  close(): Promise<void>;
}

export interface CommitterDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly leaseMs: number;
  readonly metrics: CoreMetrics;
  readonly log: Log;
}

/** Commands of one commit: large enough to amortise the fsync, small enough that the next bid does not wait long. */
const MAX_COMMIT_COMMANDS = 6_000;

/** Pauses between attempts while Postgres does not answer. */
const RETRY_MS = [20, 50, 100, 200, 500] as const;

/**
 * One per shard: while one transaction is in flight, everything that the shard's slots decide meanwhile collects into
 * the next. An idle shard commits at once.
 */
export function createCommitter(deps: CommitterDeps): Committer {
  const waiting = new Set<CommittingSlot>();
  const signal = createSignal();
  let closing = false;

  const loop = async (): Promise<void> => {
    while (!closing) {
      if (waiting.size === 0) {
        await signal.wait();
        continue;
      }
      // One turn of the event loop, so that all messages of one network read go together.
      await deps.clock.turn();
      const batches = takeBatches(waiting);
      if (batches.length > 0) await commitAll(deps, batches, () => closing);
    }
  };
  const finished = loop();

  return {
    offer(slot) {
      waiting.add(slot);
      signal.wake();
    },
    async probe(batch) {
      try {
        const { fenced } = await deps.store.probeCommit(toCommit(deps.leaseMs, [batch]));
        if (fenced.length === 0) return true;
      } catch (error) {
        if (isDataError(error)) return false;
        throw error;
      }
      throw new CoreError("the slot is not ours any more", { retryable: false });
    },
    async close() {
      closing = true;
      signal.wake();
      await finished;
    },
  };
}

function takeBatches(waiting: Set<CommittingSlot>): SlotBatch[] {
  const batches: SlotBatch[] = [];
  let room = MAX_COMMIT_COMMANDS;
  for (const slot of waiting) {
    if (room <= 0) break;
    // Taken out and put back at the end when more is left: the slots take turns.
    waiting.delete(slot);
    const batch = slot.take(room);
    if (batch === undefined) continue;
    room -= batch.weight;
    batches.push(batch);
  }
  return batches.sort((a, b) => a.move.slot - b.move.slot);
}

/** Commits the batches together; leaves out slots that are fenced, and finds the one whose data Postgres refuses. */
async function commitAll(
  deps: CommitterDeps,
  batches: readonly SlotBatch[],
  closing: () => boolean,
): Promise<void> {
  let rest = batches;
  for (let attempt = 0; rest.length > 0; attempt++) {
    const answer = await tryCommit(deps, rest);
    if (answer.kind === "committed") {
      for (const batch of rest) batch.slot.committed(batch);
      return;
    }
    if (answer.kind === "fenced") {
      for (const batch of rest) if (answer.slots.has(batch.move.slot)) batch.slot.fenced();
      rest = rest.filter((batch) => !answer.slots.has(batch.move.slot));
      deps.metrics.fencedCommits.add(answer.slots.size);
      continue;
    }
    if (answer.kind === "refused") {
      const [only] = rest;
      if (rest.length === 1 && only !== undefined) return only.slot.refused(only, answer.error);
      for (const batch of rest) await commitAll(deps, [batch], closing);
      return;
    }
    rest = await withoutCommitted(deps, rest);
    if (closing()) return;
    await deps.clock.sleep(RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)] ?? 0);
  }
}

type Answer =
  | { readonly kind: "committed" | "unknown" }
  | { readonly kind: "fenced"; readonly slots: ReadonlySet<number> }
  | { readonly kind: "refused"; readonly error: Error };

async function tryCommit(deps: CommitterDeps, batches: readonly SlotBatch[]): Promise<Answer> {
  const { store, metrics, log } = deps;
  const startedMs = performance.now();
  try {
    const { fenced } = await store.commitBatch(toCommit(deps.leaseMs, batches));
    if (fenced.length > 0) return { kind: "fenced", slots: new Set(fenced) };
    metrics.commitDuration.record((performance.now() - startedMs) / 1_000, { shard: store.number });
    return { kind: "committed" };
  } catch (error) {
    if (isDataError(error)) return { kind: "refused", error };
    log.warn("a commit got no answer; its slots are looked up before it is tried again", {
      shard: store.number,
      error,
    });
    return { kind: "unknown" };
  }
}

/** After an answer that was lost: what stands at its new position under our epoch has been committed. */
async function withoutCommitted(deps: CommitterDeps, batches: readonly SlotBatch[]): Promise<SlotBatch[]> {
  const rest: SlotBatch[] = [];
  for (const batch of batches) {
    try {
      if (await deps.store.hasCommitted(batch.move)) batch.slot.committed(batch);
      else rest.push(batch);
    } catch (error) {
      deps.log.warn("the shard does not answer", { shard: deps.store.number, error });
      rest.push(batch);
    }
  }
  return rest;
}
