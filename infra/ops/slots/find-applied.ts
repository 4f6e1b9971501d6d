import type { Shard } from "../../../core/shards/connect.ts";
import type { LoggedMessage } from "../../../core/sequencer/log/command-log.ts";
import { readEnvelope } from "../../../core/sequencer/log/read-envelope.ts";
import { auctionIdOfSubject } from "../../../shared/subjects.ts";

/**
 * Which of a slot's messages it has applied: those that were decided, or parked, at the sequence at which they stand. An
 * envelope's id is its own, so that another message at the same sequence is not taken for it.
 */
export async function findApplied(
  { sql }: Shard,
  slot: { readonly slot: number; readonly seqBase: number },
  messages: readonly LoggedMessage[],
): Promise<LoggedMessage[]> {
  const seqs = messages.map(({ seq }) => seq + slot.seqBase);
  const decided = await sql<{ seq: number; envelopeId: string }[]>`
    select seq::float8 as seq, envelope_id as "envelopeId" from decision_log
    where slot = ${slot.slot} and seq = any(${seqs}::int8[])`;
  const parked = await sql<{ seq: number; subject: string; at: number }[]>`
    select seq::float8 as seq, subject, at::float8 as at from dead_letters
    where slot = ${slot.slot} and seq = any(${seqs}::int8[])`;
  const envelopes = new Map(decided.map(({ seq, envelopeId }) => [seq, envelopeId]));
  const letters = new Map(parked.map((letter) => [letter.seq, letter]));
  return messages.filter((message) => {
    const seq = message.seq + slot.seqBase;
    const envelopeId = envelopes.get(seq);
    if (envelopeId !== undefined) return envelopeId === envelopeIdIn(message);
    const letter = letters.get(seq);
    return letter !== undefined && letter.subject === message.subject && isSameTime(letter.at, message.atMs);
  });
}

/** Of the slot's decisions above a sequence of its own, how many there are up to its position. */
export async function countApplied(
  { sql }: Shard,
  { slot, afterSeq }: { readonly slot: number; readonly afterSeq: number },
): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int as count from decision_log where slot = ${slot} and seq > ${afterSeq}`;
  return row?.count ?? 0;
}

/** The client shows the stream's time as a float of nanoseconds, which rounds. */
const isSameTime = (aMs: number, bMs: number): boolean => Math.abs(aMs - bMs) <= 1;

function envelopeIdIn({ subject, data }: LoggedMessage): string {
  return readEnvelope(auctionIdOfSubject(subject), data).envelopeId;
}
