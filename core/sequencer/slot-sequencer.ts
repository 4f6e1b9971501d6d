import { commandStream, streamOf } from "../../shared/subjects.ts";
import { InvariantError } from "../auction/invariant-error.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { Claim } from "../shards/claim-slots.ts";
import type { PositionMove } from "../shards/commit.ts";
import type { Store } from "../shards/store.ts";
import type { CoreMetrics } from "../telemetry.ts";
import type { BacklogBudget } from "./backlog-budget.ts";
import type { CommandLog } from "./command-log.ts";
import type { Committer, CommittingSlot, SlotBatch } from "./committer.ts";
import type { LogPosition } from "./log-position.ts";
import { type Decided, type Session, startSession } from "./session.ts";
import type { SlotBook } from "./slot-book.ts";

export interface SlotDeps {
  readonly commands: CommandLog;
  readonly store: Store;
  readonly clock: Clock;
  readonly committer: Committer;
  readonly streams: number;
  readonly budget: BacklogBudget;
  readonly metrics: CoreMetrics;
  readonly log: Log;
  /** Told of each committed batch, in order: publishes and projects. */
  readonly onCommitted: (batch: SlotBatch) => void;
  /** The slot belongs to somebody else now. */
  readonly onLost: (slot: number) => void;
  /** The slot must not go on until an operator has looked. */
  readonly onFault: (slot: number, reason: string) => void;
}

/** The single writer of one slot: reads its log, decides, and hands to the committer, which asks for what is decided. */
export interface SlotSequencer {
  readonly slot: number;
  readonly epoch: number;
  readonly stream: string;
  readonly store: Store;
  /** Results handed to NATS up to here; only rises. */
  publishedSeq: number;
  readonly book: Pick<SlotBook, "auctions" | "bytes" | "evict">;
  /** When nothing of the slot waits, moves its position to the stream's tail. */
  advanceIdle(): Promise<void>;
  /** Reads no more; with `drain`, resolves when what was decided is committed. */
  stop(options: { drain: boolean }): Promise<void>;
}

/** How long a graceful stop waits for its last commit; then its lease, and the next owner's replay, do the rest. */
const DRAIN_TIMEOUT_MS = 5_000;
const DRAIN_POLL_MS = 5;
const REOPEN_MS = 250;

export function startSlot(deps: SlotDeps, claim: Claim): SlotSequencer {
  const { slot, epoch, appliedSeq, appliedAt, appliedId } = claim;
  const stream = commandStream(streamOf(slot, deps.streams));
  let position: LogPosition = { seq: appliedSeq, atMs: appliedAt, id: appliedId, streamId: claim.streamId };
  let publishedSeq = claim.publishedSeq;
  let inCommit = false;
  /** Where an idle slot may move to without having read anything. */
  let tail: LogPosition | undefined;
  let stopping = false;
  let restartWanted = false;
  /** What Postgres refused; up to `cautiousUpTo` each message is committed alone, to find what it was. */
  const refused = new Map<number, string>();
  let cautiousUpTo = 0;

  const fault = (reason: string): void => {
    if (stopping) return;
    stopping = true;
    session.close();
    deps.onFault(slot, reason);
  };

  const newSession = (): Session => {
    tail = undefined;
    const onFailure = (error: unknown): void => {
      if (error instanceof InvariantError) return fault(error.message);
      deps.log.warn("the slot reads its log again", { slot, error });
      void deps.clock.sleep(REOPEN_MS).then(restart);
    };
    const onDecided = (): void => deps.committer.offer(self);
    return startSession(
      { ...deps, onDecided, onFault: fault, onFailure },
      { slot, stream, position, refused },
    );
  };

  /** Not while a commit is underway: where the next session has to read from is known when it has ended. */
  const restart = (): void => {
    restartWanted = inCommit;
    if (stopping || inCommit) return;
    session.close();
    session = newSession();
  };

  const batchTo = (to: LogPosition, taken: readonly Decided[]): SlotBatch => {
    inCommit = true;
    const { seq: appliedSeq, atMs: appliedAt, id: appliedId, streamId } = to;
    const expectedSeq = position.seq;
    return batchOf(
      self,
      { slot, epoch, expectedSeq, appliedSeq, appliedAt, appliedId, streamId, publishedSeq },
      taken,
    );
  };

  const self: CommittingSlot & SlotSequencer = {
    slot,
    epoch,
    stream,
    store: deps.store,
    get publishedSeq() {
      return publishedSeq;
    },
    set publishedSeq(seq) {
      publishedSeq = Math.max(publishedSeq, seq);
    },
    get book() {
      return session.book;
    },

    take(commands) {
      if (inCommit || !session.open) return undefined;
      const cautious = session.next !== undefined && session.next.seq <= cautiousUpTo;
      const taken = session.take(cautious ? 1 : commands);
      const last = taken.at(-1)?.message;
      if (last !== undefined) {
        const { seq, atMs, envelope } = last;
        const streamId = session.streamId ?? position.streamId;
        return batchTo({ seq, atMs, id: envelope.envelopeId, streamId }, taken);
      }
      const to = tail;
      tail = undefined;
      return to === undefined || session.busy || to.seq <= position.seq ? undefined : batchTo(to, []);
    },

    committed(batch) {
      const { appliedSeq: seq, appliedAt: atMs, appliedId: id, streamId } = batch.move;
      position = { seq, atMs, id, streamId };
      inCommit = false;
      deps.onCommitted(batch);
      session.committed(seq);
      if (restartWanted) return restart();
      if (session.next !== undefined) deps.committer.offer(self);
    },

    fenced() {
      if (!session.open) return;
      stopping = true;
      session.close();
      deps.onLost(slot);
    },

    refused(batch, error) {
      const { appliedSeq: seq } = batch.move;
      inCommit = false;
      if (batch.messages === 1) {
        refused.set(seq, error.message);
        deps.log.error("Postgres refuses a message; it goes to the dead letters", { slot, seq, error });
      } else {
        cautiousUpTo = seq;
      }
      restart();
    },

    async advanceIdle() {
      const mine = session;
      if (mine.busy || inCommit) return;
      const empty = await mine.emptyUpTo();
      // What is read from now on lies above that tail; what was read before must be committed before the position passes it.
      if (empty === undefined || mine !== session || mine.busy || inCommit) return;
      tail = empty;
      deps.committer.offer(self);
    },

    async stop({ drain }) {
      stopping = true;
      session.stopReading();
      if (drain) {
        await drained(deps.clock, () => !session.open || (session.next === undefined && !inCommit));
      }
      session.close();
    },
  };
  let session = newSession();
  return self;
}

function batchOf(slot: CommittingSlot, move: PositionMove, taken: readonly Decided[]): SlotBatch {
  return {
    slot,
    move,
    decided: taken.flatMap(({ envelope }) => (envelope === undefined ? [] : [envelope])),
    deadLetters: taken.flatMap(({ deadLetter }) => (deadLetter === undefined ? [] : [deadLetter])),
    messages: taken.length,
  };
}

async function drained(clock: Clock, isDrained: () => boolean): Promise<void> {
  const deadlineMs = clock.now() + DRAIN_TIMEOUT_MS;
  while (!isDrained() && clock.now() < deadlineMs) await clock.sleep(DRAIN_POLL_MS);
}
