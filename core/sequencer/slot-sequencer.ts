import { commandStream, streamOf } from "../../shared/subjects.ts";
import { InvariantError } from "../auction/invariant-error.ts";
import type { Clock } from "../clock.ts";
import { type Log, withoutRepeats } from "../log.ts";
import type { Claim } from "../shards/claim-slots.ts";
import type { PositionMove } from "../shards/commit.ts";
import type { Store } from "../shards/store.ts";
import type { CoreMetrics } from "../telemetry.ts";
import type { BacklogBudget } from "./backlog-budget.ts";
import type { CommandLog } from "./log/command-log.ts";
import type { Committer, CommittingSlot, SlotBatch } from "./committer.ts";
import type { KeyIndexLimits } from "./keys/key-index.ts";
import type { LogPosition } from "./log/log-position.ts";
import { rebasedLog } from "./log/rebased-log.ts";
import { type Decided, type Session, startSession } from "./session.ts";
import { createRefusals } from "./refusals/refusals.ts";
import type { LogMessage, SlotBook } from "./slot-book.ts";

export interface SlotDeps {
  readonly commands: CommandLog;
  readonly store: Store;
  readonly clock: Clock;
  readonly committer: Committer;
  readonly streams: number;
  readonly budget: BacklogBudget;
  readonly metrics: CoreMetrics;
  readonly log: Log;
  readonly keyLimits?: KeyIndexLimits | undefined;
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
const LOG_EVERY_MS = 5_000;

export function startSlot(deps: SlotDeps, claim: Claim): SlotSequencer {
  const { slot, epoch, appliedSeq, appliedAt, appliedId } = claim;
  const stream = commandStream(streamOf(slot, deps.streams));
  const commands = rebasedLog(deps.commands, claim.seqBase);
  let position: LogPosition = { seq: appliedSeq, atMs: appliedAt, id: appliedId, streamId: claim.streamId };
  let publishedSeq = claim.publishedSeq;
  let inCommit = false;
  /** Where an idle slot may move to without having read anything. */
  let tail: LogPosition | undefined;
  let stopping = false;
  let restartWanted = false;
  /** Of thousands of messages with one fault the log needs a line now and then. */
  const log = withoutRepeats(deps.log, LOG_EVERY_MS, () => deps.clock.now());
  const refusals = createRefusals(slot, log);

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
      log.warn("the slot reads its log again", { slot, error });
      void deps.clock.sleep(REOPEN_MS).then(restart);
    };
    const onDecided = (): void => deps.committer.offer(self);
    return startSession(
      { ...deps, commands, log, onDecided, onFault: fault, onFailure, probe },
      { slot, stream, position, refusals },
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
    const { seq: appliedSeq, atMs: appliedAt, id: appliedId, streamId } = to;
    const expectedSeq = position.seq;
    return batchOf(
      self,
      { slot, epoch, expectedSeq, appliedSeq, appliedAt, appliedId, streamId, publishedSeq },
      taken,
    );
  };

  const positionAt = ({ seq, atMs, envelope: { envelopeId: id } }: LogMessage): LogPosition => {
    return { seq, atMs, id, streamId: session.streamId ?? position.streamId };
  };
  const probe = (one: Decided): Promise<boolean> =>
    deps.committer.probe(batchTo(positionAt(one.message), [one]));

  const self: CommittingSlot & SlotSequencer = {
    slot,
    epoch,
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
      const taken = session.take(refusals.isNear(session.next) ? 1 : commands);
      const last = taken.at(-1)?.message;
      const to = last === undefined ? tail : positionAt(last);
      tail = undefined;
      if (to === undefined || to.seq <= position.seq || (last === undefined && session.busy))
        return undefined;
      inCommit = true;
      return batchTo(to, taken);
    },

    committed(batch) {
      const { appliedSeq: seq, appliedAt: atMs, appliedId: id, streamId } = batch.move;
      position = { seq, atMs, id, streamId };
      inCommit = false;
      refusals.committed(seq);
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
      inCommit = false;
      if (refusals.add(batch, error)) return restart();
      void deps.clock.sleep(REOPEN_MS).then(restart);
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
    weight: taken.reduce((sum, { weight }) => sum + weight, 0),
  };
}

async function drained(clock: Clock, isDrained: () => boolean): Promise<void> {
  const deadlineMs = clock.now() + DRAIN_TIMEOUT_MS;
  while (!isDrained() && clock.now() < deadlineMs) await clock.sleep(DRAIN_POLL_MS);
}
