import { WIRE_VERSION } from "../../../shared/wire-version.ts";
import type { DeadLetterRow } from "../../shards/commit.ts";
import type { LogMessage } from "../slot-book.ts";

/**
 * Bytes kept of a parked message: an envelope of 256 commands fits, and what does not is nothing that anybody could replay.
 * The log has the whole of it.
 */
export const MAX_PARKED_BYTES = 256 * 1_024;

/** Characters kept of a subject and of a reason: more than a line that somebody reads. */
const MAX_SUBJECT_LENGTH = 1_000;
const MAX_DETAIL_LENGTH = 2_000;

/** Parked bytes that count as much as a command, where memory and commits are limited by commands. */
const BYTES_PER_COMMAND = 512;

export interface ParkedFor {
  readonly reason: string;
  readonly detail: string;
}

/** The row of a message that goes to the dead letters. Whatever the message is, Postgres can store this. */
export function deadLetterOf(
  slot: number,
  message: LogMessage,
  { reason, detail }: ParkedFor,
): DeadLetterRow {
  const { seq, atMs } = message;
  const whole = message.data ?? encodedAgain(message);
  // A copy: a view would keep the rest in memory.
  const payload = whole.length > MAX_PARKED_BYTES ? whole.slice(0, MAX_PARKED_BYTES) : whole;
  const cut = payload === whole ? "" : `the first ${payload.length} of ${whole.length} bytes are kept; `;
  const subject = storable(message.subject, MAX_SUBJECT_LENGTH);
  return { slot, seq, subject, atMs, reason, detail: storable(cut + detail, MAX_DETAIL_LENGTH), payload };
}

/** How many commands a parked message weighs beside its own. */
export const weightOf = ({ payload }: DeadLetterRow): number => Math.ceil(payload.length / BYTES_PER_COMMAND);

/** Text that a column takes: neither NUL nor half a character. */
const storable = (text: string, length: number): string =>
  text.slice(0, length).toWellFormed().replaceAll("\0", "\ufffd");

/** The bytes of a message that could be read are not kept; what was read says the same. */
function encodedAgain({ envelope }: LogMessage): Uint8Array {
  const { envelopeId: id, origin, commands } = envelope;
  const message = { v: WIRE_VERSION, id, origin, commands: commands.map(({ command }) => command) };
  return new TextEncoder().encode(JSON.stringify(message));
}
