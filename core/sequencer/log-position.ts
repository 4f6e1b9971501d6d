import type { JetStreamManager } from "@nats-io/jetstream";
import { auctionIdOfSubject } from "../../shared/subjects.ts";
import { readEnvelope } from "./read-envelope.ts";
import { streamIdOf } from "./streams.ts";

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
  jsm: JetStreamManager,
  stream: string,
  position: LogPosition,
): Promise<LogCheck> {
  const { config, state } = await jsm.streams.info(stream);
  const streamId = streamIdOf(config);
  const { seq } = position;
  if (position.streamId !== "" && streamId !== position.streamId) {
    return { fault: `${stream} is another stream than the one that was applied up to ${seq}` };
  }
  if (state.last_seq < seq) return { fault: `${stream} ends at ${state.last_seq}, below ${seq}` };
  if (state.first_seq > seq + 1) return { fault: `${stream} begins at ${state.first_seq}, above ${seq + 1}` };
  if (seq === 0 || state.first_seq > seq) return { streamId };
  const message = await jsm.streams.getMessage(stream, { seq });
  if (message === null) return { streamId };
  const atMs = millisOf(message.timestamp);
  if (atMs !== position.atMs)
    return { fault: `message ${seq} of ${stream} is stamped ${atMs}, not ${position.atMs}` };
  // Without an id it was nothing that the core of that day could read; today's may read it.
  if (position.id !== "" && envelopeIdIn(message) !== position.id) {
    return { fault: `message ${seq} of ${stream} is not the one that was applied` };
  }
  return { streamId };
}

/** The position of the newest message of a stream; undefined while it is empty. */
export async function tailOf(jsm: JetStreamManager, stream: string): Promise<LogPosition | undefined> {
  const { config, state } = await jsm.streams.info(stream);
  if (state.last_seq === 0) return undefined;
  const message = await jsm.streams.getMessage(stream, { seq: state.last_seq });
  if (message === null) return undefined;
  const atMs = millisOf(message.timestamp);
  return { seq: state.last_seq, atMs, id: envelopeIdIn(message), streamId: streamIdOf(config) };
}

/** Milliseconds of an RFC 3339 time with nanoseconds, cut and never rounded, as the sequencer cuts them. */
function millisOf(timestamp: string): number {
  const [whole = "", fraction = ""] = timestamp.replace(/Z$/, "").split(".");
  return Date.parse(`${whole}Z`) + Number(fraction.padEnd(3, "0").slice(0, 3));
}

/** The id as the sequencer reads it: a message that is no envelope has none, whatever its JSON says. */
function envelopeIdIn({ subject, data }: { subject: string; data: Uint8Array }): string {
  return readEnvelope(auctionIdOfSubject(subject), data).envelopeId;
}
