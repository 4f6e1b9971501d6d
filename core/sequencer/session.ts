import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { DeadLetterRow } from "../shards/commit.ts";
import type { Store } from "../shards/store.ts";
import type { CoreMetrics } from "../telemetry.ts";
import type { BacklogBudget } from "./backlog-budget.ts";
import type { CommandLog } from "./log/command-log.ts";
import { deadLetterOf, type ParkedFor, weightOf } from "./refusals/dead-letter.ts";
import type { KeyIndexLimits } from "./keys/key-index.ts";
import type { LogPosition } from "./log/log-position.ts";
import { type LogReader, openLog } from "./log/log-reader.ts";
import type { Refusal } from "./refusals/refusal.ts";
import type { Refusals } from "./refusals/refusals.ts";
import { createSlotBook, type DecidedEnvelope, type LogMessage, type SlotBook } from "./slot-book.ts";

export interface SessionDeps {
  readonly commands: CommandLog;
  readonly store: Store;
  readonly clock: Clock;
  readonly budget: BacklogBudget;
  readonly metrics: CoreMetrics;
  readonly log: Log;
  /** Something may be taken now. */
  readonly onDecided: () => void;
  /** The log is not the one that was applied, or runs ahead of time. */
  readonly onFault: (reason: string) => void;
  /** The log or the shard could not be read; nothing further will come. */
  readonly onFailure: (error: unknown) => void;
  /** Whether what was decided could be committed next; nothing of it is. Throws when the shard gives no answer. */
  readonly probe: (one: Decided) => Promise<boolean>;
  readonly keyLimits?: KeyIndexLimits | undefined;
}

export interface SessionStart {
  readonly slot: number;
  readonly stream: string;
  readonly position: LogPosition;
  /** What Postgres refused; of these a session meets the oldest first. */
  readonly refusals: Refusals;
}

/** What became of one message: its decisions, or only that it was parked. */
export interface Decided {
  readonly message: LogMessage;
  readonly envelope: DecidedEnvelope | undefined;
  readonly deadLetter: DeadLetterRow | undefined;
  /** What it counts for where commands are counted; a parked message's bytes do, too. */
  readonly weight: number;
}

/**
 * Everything of a slot that is in memory only: its reader, its auctions, and what is decided and not committed. It is thrown
 * away as a whole, and the next one reads again from the committed position.
 */
export interface Session {
  readonly book: SlotBook;
  readonly open: boolean;
  /** The incarnation of the stream; undefined until the log is open. */
  readonly streamId: string | undefined;
  /** Something is read and not committed. */
  readonly busy: boolean;
  /** The oldest decided message that was not taken yet. */
  readonly next: LogMessage | undefined;
  /** Takes what is decided, oldest first, about as much as so many commands; nothing while the log is not verified. */
  take(commands: number): Decided[];
  /** What was taken last is committed, up to `seq`. */
  committed(seq: number): void;
  /** The stream's tail when nothing of the slot lies before it. */
  emptyUpTo(): Promise<LogPosition | undefined>;
  stopReading(): void;
  close(): void;
}

/** Messages prepared with one look into the database. */
const MAX_PREPARED = 64;
/** Of its shard's budget, what one slot may have at most: two commits' worth, and room for the others. */
const MAX_UNCOMMITTED_WEIGHT = 12_000;

export function startSession(deps: SessionDeps, start: SessionStart): Session {
  const book = createSlotBook(deps.store, deps.keyLimits);
  let reader: LogReader | undefined;
  let preparing = false;
  let decided: Decided[] = [];
  let taken: readonly Decided[] = [];
  let uncommitted = 0;
  let open = true;

  const account = (weight: number): void => {
    uncommitted += weight;
    if (weight > 0) deps.budget.add(weight);
    else deps.budget.release(-weight);
  };

  const run = async (): Promise<void> => {
    reader = await openLog({ ...deps, onVerified: deps.onDecided }, start);
    if (!open) reader?.close();
    while (open && reader !== undefined) {
      const full = (): boolean => deps.budget.isFull || uncommitted >= MAX_UNCOMMITTED_WEIGHT;
      while (open && full()) await deps.budget.room();
      const messages = await reader.next(MAX_PREPARED);
      preparing = true;
      const preparation = book.prepare(messages);
      if (preparation !== undefined) await preparation;
      const [first] = messages;
      if (open && first !== undefined && start.refusals.isOpen(first.seq))
        await findRefusalOf(book, first, start, deps.probe);
      if (!open || first === undefined) return;
      for (const message of messages) {
        const one = decideOne(book, message, start, deps.log);
        decided.push(one);
        account(one.weight);
      }
      preparing = false;
      deps.metrics.pendingEnvelopes.add(messages.length);
      deps.onDecided();
    }
  };
  run().catch((error: unknown) => {
    if (open) deps.onFailure(error);
  });

  return {
    book,
    get open() {
      return open;
    },
    get streamId() {
      return reader?.streamId;
    },
    get busy() {
      return preparing || decided.length > 0 || taken.length > 0;
    },
    get next() {
      return decided[0]?.message;
    },
    take(commands) {
      if (!open || reader?.verified !== true) return [];
      const now = decided.splice(0, countUpTo(decided, commands));
      taken = now;
      return now;
    },
    committed(seq) {
      if (!open) return;
      account(-taken.reduce((sum, { weight }) => sum + weight, 0));
      deps.metrics.pendingEnvelopes.add(-taken.length);
      taken = [];
      book.committed(seq);
    },
    emptyUpTo: async () => reader?.emptyUpTo(),
    stopReading: () => reader?.close(),
    close() {
      if (!open) return;
      open = false;
      reader?.close();
      account(-uncommitted);
      deps.metrics.pendingEnvelopes.add(-decided.length - taken.length);
      decided = [];
      taken = [];
    },
  };
}

/** Finds out what of the message Postgres refuses. Everything before it is committed, so that it may be tried out. */
function findRefusalOf(
  book: SlotBook,
  message: LogMessage,
  { slot, refusals }: SessionStart,
  probe: SessionDeps["probe"],
): Promise<void> {
  const passes = async (without: Refusal): Promise<boolean> => {
    const parked = { reason: "refused_by_postgres", detail: "" };
    if (message.auctionId === undefined) return false;
    return probe(decidedWith(slot, book.tryOut(message, without), message, parked));
  };
  return refusals.resolve({ seq: message.seq, commands: message.envelope.commands.length }, passes);
}

function decideOne(book: SlotBook, message: LogMessage, { slot, refusals }: SessionStart, log: Log): Decided {
  const verdict = refusals.verdictOn(message.seq);
  const parked = verdict && { reason: "refused_by_postgres", detail: verdict.detail };
  const isHopeless = verdict !== undefined && verdict.refusal === undefined;
  if (message.auctionId === undefined || isHopeless)
    return decidedWith(slot, undefined, message, parked ?? message.envelope.fault);
  const envelope = book.decide(message, verdict?.refusal);
  return decidedWith(slot, envelope, message, parked ?? message.envelope.fault ?? undecidable(envelope, log));
}

function decidedWith(
  slot: number,
  envelope: DecidedEnvelope | undefined,
  message: LogMessage,
  parked: ParkedFor | undefined,
): Decided {
  const commands = message.envelope.commands.length;
  if (parked === undefined) return { message, envelope, deadLetter: undefined, weight: commands };
  const deadLetter = deadLetterOf(slot, message, parked);
  const weight = commands + weightOf(deadLetter);
  // Its bytes are in the letter now, as many of them as are kept.
  const light = { ...message, data: undefined };
  return { message: light, envelope: envelope && { ...envelope, message: light }, deadLetter, weight };
}

/** A command on which `decide` threw was refused and changed nothing; the message is parked, and somebody must look. */
function undecidable(envelope: DecidedEnvelope, log: Log): ParkedFor | undefined {
  const [first] = envelope.decision.faults;
  if (first === undefined) return undefined;
  const { message, auctionId } = envelope;
  log.error("a command could not be decided", { auctionId, seq: message.seq, ...first });
  return { reason: "undecidable_command", detail: `command ${first.index}: ${String(first.error)}` };
}

/** How many of the decided messages, at least one of them, weigh no more than so many commands. */
function countUpTo(decided: readonly Decided[], commands: number): number {
  let count = 0;
  let sum = 0;
  while (count < decided.length && (count === 0 || sum < commands)) {
    sum += decided[count]?.weight ?? 0;
    count++;
  }
  return count;
}
