import { readEnvelope } from "../../../core/sequencer/log/read-envelope.ts";
import { auctionIdOfSubject } from "../../../shared/subjects.ts";
import type { Examination } from "./examine.ts";
import type { HaltedSlot } from "./halted-slots.ts";
import type { StreamReader } from "./stream-reader.ts";

/** Where a slot goes on in a stream: its position, in the slot's own sequences, and what they add to the stream's. */
export interface NewPosition {
  readonly appliedSeq: number;
  readonly seqBase: number;
}

/**
 * The slot's sequences must rise, whatever those of the stream do: what is keyed by them stays. The base never falls, so that
 * a sequence that clients were told before is never below its stream's.
 */
export function newPosition(halted: HaltedSlot, { readUpToSeq }: Examination): NewPosition {
  const seqBase = Math.max(halted.seqBase, halted.appliedSeq - readUpToSeq);
  return { seqBase, appliedSeq: readUpToSeq + seqBase };
}

/**
 * Lets the slot go on in its stream as `examined` describes it. The epoch rises with it, so that nobody who held the slot
 * before can commit. Throws when the slot is not as it was when it was examined.
 */
export async function adopt(
  streams: StreamReader,
  halted: HaltedSlot,
  examined: Examination,
): Promise<NewPosition> {
  const { slot, shard, epoch } = halted;
  const { stream, streamId, readUpToSeq, giveUpToSeq } = examined;
  const { appliedSeq, seqBase } = newPosition(halted, examined);
  const { firstSeq } = await streams.bounds(stream);
  const message = readUpToSeq < Math.max(firstSeq, 1) ? null : await streams.message(stream, readUpToSeq);
  const fingerprint =
    message === null
      ? { atMs: halted.appliedAt, id: "" }
      : {
          atMs: message.atMs,
          id: readEnvelope(auctionIdOfSubject(message.subject), message.data).envelopeId,
        };
  // First: without it the slot would be halted again at once, while it alone changes nothing for a slot that is.
  await streams.giveUp(stream, slot, giveUpToSeq);
  const adopted = await shard.sql`
    update slots set stream_id = ${streamId}, seq_base = ${seqBase}, applied_seq = ${appliedSeq},
      applied_at = ${fingerprint.atMs}, applied_id = ${fingerprint.id},
      epoch = epoch + 1, owner = null, lease_until = null, halted_reason = null
    where slot = ${slot} and role = 'active' and halted_reason is not null
      and epoch = ${epoch} and applied_seq = ${halted.appliedSeq}`;
  if (adopted.count !== 1)
    throw new Error(`slot ${slot} has changed while it was examined; nothing was adopted, look again`);
  return { appliedSeq, seqBase };
}
