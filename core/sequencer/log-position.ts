import { auctionIdOfSubject } from "../../shared/subjects.ts";
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
 * Compares a stored position with the stream as it is: the same incarnation, not shorter than the position, no gap above it,
 * and the same message at it. A log that went backwards would otherwise hand out sequences again, and bids would be skipped.
 */
export async function checkPosition(
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
  if (seq === 0 || firstSeq > seq) return { streamId };
  const message = await log.message(stream, seq);
  if (message === null) return { streamId };
  if (message.atMs !== position.atMs)
    return { fault: `message ${seq} of ${stream} is stamped ${message.atMs}, not ${position.atMs}` };
  // Without an id it was nothing that the core of that day could read; today's may read it.
  if (position.id !== "" && envelopeIdIn(message) !== position.id) {
    return { fault: `message ${seq} of ${stream} is not the one that was applied` };
  }
  return { streamId };
}

/** The position of the newest message of a stream; undefined while it is empty. */
export async function tailOf(log: CommandLog, stream: string): Promise<LogPosition | undefined> {
  const { streamId, lastSeq } = await log.bounds(stream);
  if (lastSeq === 0) return undefined;
  const message = await log.message(stream, lastSeq);
  return message === null
    ? undefined
    : { seq: lastSeq, atMs: message.atMs, id: envelopeIdIn(message), streamId };
}

/** The id as the sequencer reads it: a message that is no envelope has none, whatever its JSON says. */
function envelopeIdIn({ subject, data }: LoggedMessage): string {
  return readEnvelope(auctionIdOfSubject(subject), data).envelopeId;
}
