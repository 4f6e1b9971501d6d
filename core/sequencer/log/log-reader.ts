import type { Clock } from "../../clock.ts";
import { CoreError } from "../../core-error.ts";
import type { Log } from "../../log.ts";
import { createSignal } from "../../signal.ts";
import type { CommandFeed, CommandLog } from "./command-log.ts";
import { checkPosition, checkSameLog, type LogPosition, tailOf } from "./log-position.ts";
import { readMessage } from "./read-message.ts";
import type { LogMessage } from "../slot-book.ts";

/** Reads one slot's commands in order, from a position that lives in Postgres; nothing is acknowledged. */
export interface LogReader {
  /** The next messages, at least one; empty once closed. Throws a CoreError when the log cannot be read. */
  next(limit: number): Promise<LogMessage[]>;
  /** False from the moment in which the server lost the consumer until the log behind the new one is checked. */
  readonly verified: boolean;
  /** The id of the stream's incarnation. */
  readonly streamId: string;
  /** The stream's tail, when no message of this slot lies unread before it; undefined otherwise. */
  emptyUpTo(): Promise<LogPosition | undefined>;
  close(): void;
}

export interface LogReaderDeps {
  readonly commands: CommandLog;
  readonly clock: Clock;
  readonly log: Log;
  /** The log is not the one that was applied, or its clock runs ahead: the slot must stop. */
  readonly onFault: (reason: string) => void;
  /** The log has been checked after a loss of the consumer. */
  readonly onVerified: () => void;
}

/** Messages read and not yet asked for; the server is asked for no more meanwhile. */
const MAX_INBOX = 64;

/** The stream's clock may be ahead of ours by so much. More would close auctions early. */
const MAX_CLOCK_SKEW_MS = 5_000;

const RECHECK_MS = 250;

/** Checks the log against `position` and reads on above it; undefined after a fault, which `onFault` has been told. */
export async function openLog(
  deps: LogReaderDeps,
  from: { slot: number; stream: string; position: LogPosition },
): Promise<LogReader | undefined> {
  const { slot, stream, position } = from;
  const checked = await checkPosition(deps.commands, from, position);
  if ("fault" in checked) {
    deps.onFault(checked.fault);
    return undefined;
  }
  const feed = await deps.commands.consume(stream, { slot, afterSeq: position.seq, buffer: MAX_INBOX });
  return readFeed(deps, { feed, slot, stream, start: { ...position, streamId: checked.streamId } });
}

function readFeed(
  deps: LogReaderDeps,
  log: { feed: CommandFeed; slot: number; stream: string; start: LogPosition },
): LogReader {
  const { feed, stream } = log;
  const arrived = createSignal();
  const room = createSignal();
  let last = log.start;
  /** The newest message that the log has had: read, or the tail that an idle slot was moved to. */
  let newest = log.start;
  let inbox: LogMessage[] = [];
  let verified = true;
  /** Where the log was last known to be the one that was applied; of interest while it is not `verified`. */
  let trusted = log.start;
  let recreations = 0;
  let ended: { error?: Error } | undefined;

  const read = async (): Promise<void> => {
    for await (const logged of feed.messages) {
      // What the client has queued still comes after a stop; giving it out would leave a gap where the inbox was.
      if (ended !== undefined) return;
      // The position will say whether it is another log, or only a reader that was set up too low.
      if (logged.seq <= newest.seq)
        throw new Error(`${stream} went back from ${newest.seq} to ${logged.seq}`);
      const message = readMessage(logged);
      const aheadMs = message.atMs - deps.clock.now();
      if (aheadMs > MAX_CLOCK_SKEW_MS)
        return deps.onFault(`${stream} is ${aheadMs} ms ahead of this instance's clock`);
      inbox.push(message);
      last = { ...last, seq: message.seq, atMs: message.atMs, id: message.envelope.envelopeId };
      newest = last;
      arrived.wake();
      while (inbox.length >= MAX_INBOX && ended === undefined) await room.wait();
    }
  };
  const end = (error?: Error): void => {
    ended ??= error === undefined ? {} : { error };
    arrived.wake();
    room.wake();
    feed.stop();
  };

  const verify = async (): Promise<void> => {
    const mine = ++recreations;
    // What is read while the log is in doubt says nothing about the log that was read before.
    if (verified) trusted = newest;
    verified = false;
    while (ended === undefined && mine === recreations) {
      try {
        const checked = await checkPosition(deps.commands, log, trusted);
        if ("fault" in checked) return deps.onFault(checked.fault);
        if (mine !== recreations) return;
        verified = true;
        return deps.onVerified();
      } catch (error) {
        deps.log.warn("the log cannot be checked yet", { stream, error });
        await deps.clock.sleep(RECHECK_MS);
      }
    }
  };
  const watch = async (): Promise<void> => {
    for await (const _ of feed.recreations) void verify();
  };

  const failed = (cause: unknown): void =>
    end(new CoreError(`${stream} cannot be read`, { retryable: true, cause }));
  read().then(() => end(new CoreError(`${stream} ended`, { retryable: true })), failed);
  watch().catch(failed);

  return {
    async next(limit) {
      while (inbox.length === 0 && ended === undefined) await arrived.wait();
      if (ended?.error !== undefined) throw ended.error;
      if (ended !== undefined) return [];
      const batch = inbox.splice(0, limit);
      room.wake();
      return batch;
    },
    get verified() {
      return verified;
    },
    streamId: last.streamId,
    async emptyUpTo() {
      // The tail first: a message that comes after it is above it, and shows in the consumer's figures.
      const tail = await tailOf(deps.commands, stream);
      const { unread, deliveredSeq } = await feed.unread();
      // A reader that was given nothing may stand anywhere: the server skips what its filter leaves out.
      const allRead = unread === 0 && (deliveredSeq === undefined || deliveredSeq <= last.seq);
      if (tail === undefined || !allRead || inbox.length > 0 || last.seq >= tail.seq) return undefined;
      // The tail of another log, or of one that went backwards, before this reader was told: nothing to follow.
      const checked = await checkSameLog(deps.commands, stream, newest);
      if ("fault" in checked) deps.onFault(checked.fault);
      if ("fault" in checked || !verified || ended !== undefined || last.seq >= tail.seq) return undefined;
      newest = tail;
      return tail;
    },
    close() {
      inbox = [];
      end();
    },
  };
}
