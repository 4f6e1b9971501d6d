import type { JetStreamClient, JetStreamManager } from "@nats-io/jetstream";
import { commandStream, streamOf } from "../../shared/subjects.ts";
import { InvariantError } from "../auction/invariant-error.ts";
import type { Log } from "../log.ts";
import type { Claim } from "../shards/claim-slots.ts";
import type { DeadLetterRow } from "../shards/commit.ts";
import type { Shard } from "../shards/connect.ts";
import type { CoreMetrics } from "../telemetry.ts";
import type { Committer, CommittingSlot, SlotBatch } from "./committer.ts";
import type { LogPosition } from "./log-position.ts";
import { type LogReader, openLog } from "./log-reader.ts";
import { createSignal, type Signal } from "./signal.ts";
import { createSlotBook, type DecidedEnvelope, type LogMessage, type SlotBook } from "./slot-book.ts";

export interface SlotDeps {
  readonly js: JetStreamClient;
  readonly jsm: JetStreamManager;
  readonly shard: Shard;
  readonly committer: Committer;
  readonly streams: number;
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
  readonly shard: Shard;
  /** Results handed to NATS up to here; only rises. */
  publishedSeq: number;
  readonly book: Pick<SlotBook, "auctions" | "bytes" | "evict">;
  /** When nothing of the slot waits, moves its position to the stream's tail. */
  advanceIdle(): Promise<void>;
  /** Reads no more; with `drain`, resolves when what was decided is committed. */
  stop(options: { drain: boolean }): Promise<void>;
}

/** Commands decided and not yet committed, of one slot: more than a commit takes, so that the committer never waits for the decider. */
const MAX_UNCOMMITTED_COMMANDS = 8_000;
/** Messages prepared with one look into the database. */
const MAX_PREPARED = 200;
/** How long a graceful stop waits for its last commit; then its lease, and the next owner's replay, do the rest. */
const DRAIN_TIMEOUT_MS = 5_000;
const REOPEN_MS = 250;

/** What became of one message: its decisions, or only that it was parked. */
interface Decided {
  readonly message: LogMessage;
  readonly envelope: DecidedEnvelope | undefined;
  readonly deadLetter: DeadLetterRow | undefined;
}

/** Everything that is in memory only. A new session forgets it all and reads again from the committed position. */
interface Session {
  readonly book: SlotBook;
  reader: LogReader | undefined;
  /** Messages were taken from the reader and are not in `decided` yet. */
  preparing: boolean;
  decided: Decided[];
  /** Of `decided` and of the commit in flight. */
  uncommittedCommands: number;
  readonly room: Signal;
  open: boolean;
}

export function startSlot(deps: SlotDeps, claim: Claim): SlotSequencer {
  const { slot, epoch } = claim;
  const stream = commandStream(streamOf(slot, deps.streams));
  let position: LogPosition = {
    seq: claim.appliedSeq,
    atMs: claim.appliedAt,
    id: claim.appliedId,
    streamId: claim.streamId,
  };
  let publishedSeq = claim.publishedSeq;
  let inCommit = 0;
  let tail: LogPosition | undefined;
  let stopping = false;
  /** What Postgres refused, by sequence: parked instead of decided. Up to `cautiousUpTo` each message is committed alone. */
  const refused = new Map<number, string>();
  let cautiousUpTo = 0;
  const settled = createSignal();

  const closeSession = (): void => {
    session.open = false;
    session.reader?.close();
    session.room.wake();
    deps.metrics.pendingEnvelopes.add(-session.decided.length - inCommit);
    session.decided = [];
    inCommit = 0;
    tail = undefined;
    settled.wake();
  };

  const fault = (reason: string): void => {
    if (stopping || !session.open) return;
    stopping = true;
    closeSession();
    deps.onFault(slot, reason);
  };

  const decideOne = (book: SlotBook, message: LogMessage): Decided => {
    const refusal = refused.get(message.seq);
    if (refusal !== undefined) {
      const deadLetter = deadLetterOf(slot, message, { reason: "refused_by_postgres", detail: refusal });
      return { message, envelope: undefined, deadLetter };
    }
    const { fault: unread } = message.envelope;
    return {
      message,
      envelope: message.auctionId === undefined ? undefined : book.decide(message),
      deadLetter: unread === undefined ? undefined : deadLetterOf(slot, message, unread),
    };
  };

  const run = async (mine: Session): Promise<void> => {
    const { js, jsm, log } = deps;
    const onVerified = (): void => deps.committer.offer(self);
    const reader = await openLog({ js, jsm, log, onFault: fault, onVerified }, { slot, stream, position });
    if (reader === undefined) return;
    if (!mine.open) return reader.close();
    mine.reader = reader;
    position = { ...position, streamId: reader.streamId };
    for (;;) {
      const messages = await reader.next(MAX_PREPARED);
      mine.preparing = true;
      const preparation = mine.book.prepare(messages);
      if (preparation !== undefined) await preparation;
      if (!mine.open || messages.length === 0) return;
      for (const message of messages) {
        mine.decided.push(decideOne(mine.book, message));
        mine.uncommittedCommands += message.envelope.commands.length;
      }
      mine.preparing = false;
      deps.metrics.pendingEnvelopes.add(messages.length);
      deps.committer.offer(self);
      while (mine.open && mine.uncommittedCommands >= MAX_UNCOMMITTED_COMMANDS) await mine.room.wait();
    }
  };

  const startSession = (): Session => {
    const mine: Session = {
      book: createSlotBook(deps.shard),
      reader: undefined,
      preparing: false,
      decided: [],
      uncommittedCommands: 0,
      room: createSignal(),
      open: true,
    };
    run(mine).catch((error: unknown) => {
      if (!mine.open || stopping) return;
      if (error instanceof InvariantError) return fault(error.message);
      deps.log.warn("the slot reads its log again", { slot, error });
      setTimeout(() => {
        if (mine.open && !stopping) restart();
      }, REOPEN_MS);
    });
    return mine;
  };

  const restart = (): void => {
    closeSession();
    session = startSession();
  };

  const moveTo = (to: LogPosition): SlotBatch["move"] => ({
    slot,
    epoch,
    expectedSeq: position.seq,
    appliedSeq: to.seq,
    appliedAt: to.atMs,
    appliedId: to.id,
    streamId: position.streamId,
    publishedSeq,
  });

  const self: CommittingSlot & SlotSequencer = {
    slot,
    epoch,
    stream,
    shard: deps.shard,
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
      if (!session.open || session.reader?.verified !== true || inCommit > 0) return undefined;
      const { decided } = session;
      const first = decided[0];
      if (first === undefined) {
        const to = tail;
        tail = undefined;
        if (to === undefined || to.seq <= position.seq) return undefined;
        return { slot: self, move: moveTo(to), decided: [], deadLetters: [], messages: 0 };
      }
      const count = first.message.seq <= cautiousUpTo ? 1 : countUpTo(decided, commands);
      const taken = decided.splice(0, count);
      inCommit = taken.length;
      const { seq, atMs, envelope } = (taken.at(-1) ?? first).message;
      return {
        slot: self,
        move: moveTo({ seq, atMs, id: envelope.envelopeId, streamId: position.streamId }),
        decided: taken.flatMap((one) => (one.envelope === undefined ? [] : [one.envelope])),
        deadLetters: taken.flatMap((one) => (one.deadLetter === undefined ? [] : [one.deadLetter])),
        messages: taken.length,
      };
    },

    committed(batch) {
      const { appliedSeq: seq, appliedAt: atMs, appliedId: id, streamId } = batch.move;
      position = { seq, atMs, id, streamId };
      deps.onCommitted(batch);
      if (!session.open) return;
      inCommit = 0;
      for (const { message } of batch.decided) session.uncommittedCommands -= message.envelope.commands.length;
      deps.metrics.pendingEnvelopes.add(-batch.messages);
      session.book.committed(seq);
      session.room.wake();
      if (session.decided.length > 0) deps.committer.offer(self);
      else settled.wake();
    },

    fenced() {
      if (!session.open) return;
      stopping = true;
      closeSession();
      deps.onLost(slot);
    },

    refused(batch, error) {
      const { appliedSeq } = batch.move;
      if (batch.messages === 1) {
        refused.set(appliedSeq, error.message);
        deps.log.error("Postgres refuses a message; it goes to the dead letters", { slot, seq: appliedSeq, error });
      } else {
        cautiousUpTo = appliedSeq;
      }
      if (session.open) restart();
    },

    async advanceIdle() {
      const mine = session;
      const busy = (): boolean => !mine.open || mine.preparing || mine.decided.length > 0 || inCommit > 0;
      if (mine.reader === undefined || busy()) return;
      const empty = await mine.reader.emptyUpTo();
      // What is read from now on lies above that tail; what was read before must be committed before the position passes it.
      if (empty === undefined || busy()) return;
      tail = empty;
      deps.committer.offer(self);
    },

    async stop({ drain }) {
      stopping = true;
      const mine = session;
      mine.reader?.close();
      const deadlineMs = Date.now() + DRAIN_TIMEOUT_MS;
      while (drain && mine.open && (mine.decided.length > 0 || inCommit > 0) && Date.now() < deadlineMs) {
        await Promise.race([settled.wait(), new Promise((resolve) => setTimeout(resolve, 100))]);
      }
      if (mine.open) closeSession();
    },
  };
  let session = startSession();
  return self;
}

/** How many of the decided messages, at least one, stay within so many commands. */
function countUpTo(decided: readonly Decided[], commands: number): number {
  let count = 0;
  let sum = 0;
  while (count < decided.length && (count === 0 || sum < commands)) {
    sum += decided[count]?.message.envelope.commands.length ?? 0;
    count++;
  }
  return count;
}

function deadLetterOf(slot: number, message: LogMessage, why: { reason: string; detail: string }): DeadLetterRow {
  const { seq, subject, atMs, data } = message;
  return { slot, seq, subject, atMs, ...why, payload: data ?? new Uint8Array() };
}
