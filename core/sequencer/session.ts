import { WIRE_VERSION } from "../../shared/wire-version.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { DeadLetterRow } from "../shards/commit.ts";
import type { Store } from "../shards/store.ts";
import type { CoreMetrics } from "../telemetry.ts";
import type { BacklogBudget } from "./backlog-budget.ts";
import type { CommandLog } from "./command-log.ts";
import type { LogPosition } from "./log-position.ts";
import { type LogReader, openLog } from "./log-reader.ts";
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
}

export interface SessionStart {
  readonly slot: number;
  readonly stream: string;
  readonly position: LogPosition;
  /** What Postgres refused, by sequence: parked instead of decided. */
  readonly refused: ReadonlyMap<number, string>;
}

/** What became of one message: its decisions, or only that it was parked. */
export interface Decided {
  readonly message: LogMessage;
  readonly envelope: DecidedEnvelope | undefined;
  readonly deadLetter: DeadLetterRow | undefined;
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
  /** Takes what is decided, oldest first, about so many commands of it; nothing while the log is not verified. */
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
const MAX_UNCOMMITTED_COMMANDS = 12_000;

export function startSession(deps: SessionDeps, start: SessionStart): Session {
  const book = createSlotBook(deps.store);
  let reader: LogReader | undefined;
  let preparing = false;
  let decided: Decided[] = [];
  let taken: readonly Decided[] = [];
  let uncommittedCommands = 0;
  let open = true;

  const account = (commands: number): void => {
    uncommittedCommands += commands;
    if (commands > 0) deps.budget.add(commands);
    else deps.budget.release(-commands);
  };

  const run = async (): Promise<void> => {
    reader = await openLog({ ...deps, onVerified: deps.onDecided }, start);
    if (!open) reader?.close();
    while (open && reader !== undefined) {
      const full = (): boolean => deps.budget.isFull || uncommittedCommands >= MAX_UNCOMMITTED_COMMANDS;
      while (open && full()) await deps.budget.room();
      const messages = await reader.next(MAX_PREPARED);
      preparing = true;
      const preparation = book.prepare(messages);
      if (preparation !== undefined) await preparation;
      if (!open || messages.length === 0) return;
      for (const message of messages) {
        decided.push(decideOne(book, message, start, deps.log));
        account(message.envelope.commands.length);
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
      account(-taken.reduce((sum, { message }) => sum + message.envelope.commands.length, 0));
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
      account(-uncommittedCommands);
      deps.metrics.pendingEnvelopes.add(-decided.length - taken.length);
      decided = [];
      taken = [];
    },
  };
}

function decideOne(book: SlotBook, message: LogMessage, { slot, refused }: SessionStart, log: Log): Decided {
  const refusal = refused.get(message.seq);
  if (refusal !== undefined) {
    const deadLetter = deadLetterOf(slot, message, { reason: "refused_by_postgres", detail: refusal });
    return { message, envelope: undefined, deadLetter };
  }
  const envelope = message.auctionId === undefined ? undefined : book.decide(message);
  const fault = message.envelope.fault ?? undecidable(envelope, log);
  return {
    message,
    envelope,
    deadLetter: fault === undefined ? undefined : deadLetterOf(slot, message, fault),
  };
}

/** A command on which `decide` threw was refused and changed nothing; the message is parked, and somebody must look. */
function undecidable(
  envelope: DecidedEnvelope | undefined,
  log: Log,
): { reason: string; detail: string } | undefined {
  const first = envelope?.decision.faults[0];
  if (envelope === undefined || first === undefined) return undefined;
  const { message, auctionId } = envelope;
  log.error("a command could not be decided", { auctionId, seq: message.seq, ...first });
  return { reason: "undecidable_command", detail: `command ${first.index}: ${String(first.error)}` };
}

/** How many of the decided messages, at least one of them, stay within so many commands. */
function countUpTo(decided: readonly Decided[], commands: number): number {
  let count = 0;
  let sum = 0;
  while (count < decided.length && (count === 0 || sum < commands)) {
    sum += decided[count]?.message.envelope.commands.length ?? 0;
    count++;
  }
  return count;
}

function deadLetterOf(
  slot: number,
  message: LogMessage,
  why: { reason: string; detail: string },
): DeadLetterRow {
  const { seq, subject, atMs } = message;
  return { slot, seq, subject, atMs, ...why, payload: message.data ?? encodedAgain(message) };
}

/** The bytes of a message that could be read are not kept; what was read says the same. */
function encodedAgain({ envelope }: LogMessage): Uint8Array {
  const { envelopeId: id, origin, commands } = envelope;
  const message = { v: WIRE_VERSION, id, origin, commands: commands.map(({ command }) => command) };
  return new TextEncoder().encode(JSON.stringify(message));
}
