import { auctionIdOfSubject } from "../../../shared/subjects.ts";
import type { CommandLog, LoggedMessage } from "./command-log.ts";
import { readEnvelope } from "./read-envelope.ts";

/** How far a slot has come in its stream, with the fingerprint of the message there. */
export interface LogPosition {
  readonly seq: number;
  readonly atMs: number;
  /** The envelope's id; empty when that message was not the slot's own, or could not be read. */
  readonly id: string;
  readonly streamId: string;
}

/** Why a log may not be continued at a position, or the id of the stream that may. */
export type LogCheck = { readonly fault: string } | { readonly streamId: string };

/**
 * Compares a stored position with the stream as it is: all that `checkSameLog` looks at, and nothing lost above the position.
 * A log that went backwards would otherwise hand out sequences again, and bids would be skipped.
 */
export async function checkPosition(
  log: CommandLog,
  { slot, stream }: { readonly slot: number; readonly stream: string },
  position: LogPosition,
): Promise<LogCheck> {
  const checked = await checkSameLog(log, stream, position);
  if ("fault" in checked) return checked;
  // What is missing at or below the position was applied before it was lost.
  const { seq } = position;
  const gap = await log.firstGap(stream, { slot, afterSeq: seq });
  if (gap === undefined) return checked;
  return { fault: `${stream} has lost what it had from ${gap.fromSeq} to ${gap.toSeq}, above ${seq}` };
}

/** Whether the position still lies in this log: the same incarnation, not shorter than it, not purged above it, the same message at it. */
export async function checkSameLog(
  log: CommandLog,
  stream: string,
  position: LogPosition,
): Promise<LogCheck> {
  const { streamId, firstSeq, lastSeq } = await log.bounds(stream);
  const { seq } = position;
  if (position.streamId !== "" && streamId !== position.streamId) {
    return { fault: `${stream} is another stream than the one that was applied up to ${seq}` };
  }
  if (lastSeq < seq) return { fault: `${stream} ends at ${lastSeq}, below ${seq}` };
  if (firstSeq > seq + 1) return { fault: `${stream} begins at ${firstSeq}, above ${seq + 1}` };
  const message = seq === 0 || firstSeq > seq ? null : await log.message(stream, seq);
  const fault = message === null ? undefined : otherMessage(message, stream, position);
  return fault === undefined ? { streamId } : { fault };
}

function otherMessage(message: LoggedMessage, stream: string, position: LogPosition): string | undefined {
  const { seq } = position;
  if (message.atMs !== position.atMs)
    return `message ${seq} of ${stream} is stamped ${message.atMs}, not ${position.atMs}`;
  // Without an id it was nothing that the core of that day could read; today's may read it.
  if (position.id !== "" && envelopeIdIn(message) !== position.id) {
    return `message ${seq} of ${stream} is not the one that was applied`;
  }
  return undefined;
}

/** The position of the newest message of a stream; undefined while it is empty. */
export async function tailOf(log: CommandLog, stream: string): Promise<LogPosition | undefined> {
  const { streamId, firstSeq, lastSeq } = await log.bounds(stream);
  if (lastSeq < firstSeq) return undefined;
  const message = await log.message(stream, lastSeq);
  return message === null
    ? undefined
    : { seq: lastSeq, atMs: message.atMs, id: envelopeIdIn(message), streamId };
}

/** The id as the sequencer reads it: a message that is no envelope has none, whatever its JSON says. */
function envelopeIdIn({ subject, data }: LoggedMessage): string {
  return readEnvelope(auctionIdOfSubject(subject), data).envelopeId;
}
