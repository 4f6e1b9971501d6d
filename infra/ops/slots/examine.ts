import type { LogGap } from "../../../core/sequencer/log/command-log.ts";
import type { HaltedSlot } from "./halted-slots.ts";
import { countApplied, findApplied } from "./find-applied.ts";
import type { StreamReader } from "./stream-reader.ts";

/** What an operator has to know of a halted slot's stream before adopting it. Sequences are the stream's. */
export interface Examination {
  readonly stream: string;
  /** The stream's present incarnation. */
  readonly streamId: string;
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** Whether it is the log that the slot has applied, though parts may be missing; else it is another, or it went backwards. */
  readonly continues: boolean;
  /** Up to here there is nothing that the slot has not applied; everything of the slot above it is unread. */
  readonly readUpToSeq: number;
  /** Messages of the slot that it will read, and when the first was sent. */
  readonly unread: number;
  readonly unreadSinceMs: number | undefined;
  /** Envelopes that the slot has decided and that the log has no longer. */
  readonly decidedGone: number;
  /** What the log has lost, or once had, above the slot's position: whatever was acknowledged there to the slot's bidders is lost. */
  readonly lost: readonly LogGap[];
  /** The end of what is lost above `readUpToSeq`, for which a core would halt the slot again; 0: nothing. */
  readonly giveUpToSeq: number;
}

/** Compares a halted slot's stream, as it is now, with what the slot has applied. */
export async function examine(streams: StreamReader, halted: HaltedSlot): Promise<Examination> {
  const { slot, shard, seqBase } = halted;
  const stream = await streams.streamOf(slot);
  const { streamId, firstSeq, lastSeq } = await streams.bounds(stream);
  const appliedSeq = halted.appliedSeq - seqBase;
  let lastApplied = 0;
  let firstUnread: { readonly seq: number; readonly atMs: number } | undefined;
  let unread = 0;
  for await (const page of streams.messagesOf(slot, { stream, fromSeq: firstSeq })) {
    const known = page.filter(({ seq }) => seq <= appliedSeq);
    // One that was applied where it stands says the same of all before it: they were read in this order.
    const applied = (await findApplied(shard, halted, known)).at(-1)?.seq;
    if (applied !== undefined) [lastApplied, firstUnread, unread] = [applied, undefined, 0];
    const rest = page.filter(({ seq }) => seq > lastApplied);
    firstUnread ??= rest[0];
    unread += rest.length;
  }
  const gaps = await gapsAbove(streams, stream, { afterSeq: Math.max(lastApplied, firstSeq - 1), lastSeq });
  const continues = await isContinued(streams, halted, { stream, streamId, firstSeq, lastSeq });
  const lostUpToSeq = continues ? firstSeq - 1 : halted.reachedSeq;
  const lost = lostUpToSeq > appliedSeq ? [{ fromSeq: appliedSeq + 1, toSeq: lostUpToSeq }] : [];
  lost.push(...gaps.filter(({ toSeq }) => !continues || toSeq > appliedSeq));
  // No further than the first message that is to be read; what is missing before it cannot be read.
  const readUpToSeq = firstUnread === undefined ? lastSeq : firstUnread.seq - 1;
  const keptFrom = continues ? Math.max(lastApplied, firstSeq - 1) : lastApplied;
  return {
    stream,
    streamId,
    firstSeq,
    lastSeq,
    continues,
    readUpToSeq,
    unread,
    unreadSinceMs: firstUnread?.atMs,
    decidedGone: await countApplied(shard, { slot, afterSeq: keptFrom + seqBase }),
    lost,
    giveUpToSeq: gaps.findLast(({ toSeq }) => toSeq > readUpToSeq)?.toSeq ?? 0,
  };
}

/** Whether the stream still is the one that the slot has applied, however much of it is missing. */
async function isContinued(
  streams: StreamReader,
  halted: HaltedSlot,
  now: { stream: string; streamId: string; firstSeq: number; lastSeq: number },
): Promise<boolean> {
  const seq = halted.appliedSeq - halted.seqBase;
  if (halted.streamId !== "" && halted.streamId !== now.streamId) return false;
  if (now.lastSeq < seq) return false;
  if (seq === 0 || now.firstSeq > seq) return true;
  const message = await streams.message(now.stream, seq);
  return message === null || message.atMs === halted.appliedAt;
}

async function gapsAbove(
  streams: StreamReader,
  stream: string,
  { afterSeq, lastSeq }: { afterSeq: number; lastSeq: number },
): Promise<LogGap[]> {
  const gaps: LogGap[] = [];
  for (let from = afterSeq; from < lastSeq;) {
    const gap = await streams.firstGap(stream, { afterSeq: from, upToSeq: lastSeq });
    if (gap === undefined) break;
    gaps.push(gap);
    from = gap.toSeq;
  }
  return gaps;
}
