import type { Shard } from "../../../core/shards/connect.ts";

/** A slot out of service, and where it stood when it was. */
export interface HaltedSlot {
  readonly shard: Shard;
  readonly slot: number;
  readonly reason: string;
  readonly epoch: number;
  /** In the slot's own sequences: the stream's plus `seqBase`. */
  readonly appliedSeq: number;
  readonly appliedAt: number;
  readonly streamId: string;
  readonly seqBase: number;
  /** The newest sequence of that stream that it, or any other halted slot, has come to. */
  readonly reachedSeq: number;
}

type Row = Omit<HaltedSlot, "shard" | "reachedSeq">;

/** All slots that are out of service, by number. */
export async function haltedSlots(shards: readonly Shard[]): Promise<HaltedSlot[]> {
  const read = await Promise.all(
    shards.map(async (shard) => (await haltedRows(shard)).map((row) => ({ ...row, shard }))),
  );
  const rows = read.flat();
  const reached = new Map<string, number>();
  for (const { streamId, appliedSeq, seqBase } of rows)
    reached.set(streamId, Math.max(reached.get(streamId) ?? 0, appliedSeq - seqBase));
  return rows
    .map((row) => ({ ...row, reachedSeq: reached.get(row.streamId) ?? 0 }))
    .sort((a, b) => a.slot - b.slot);
}

const haltedRows = ({ sql }: Shard): Promise<Row[]> => sql<Row[]>`
  select slot, halted_reason as reason, epoch::float8 as epoch, applied_seq::float8 as "appliedSeq",
    applied_at::float8 as "appliedAt", stream_id as "streamId", seq_base::float8 as "seqBase"
  from slots where role = 'active' and halted_reason is not null`;
