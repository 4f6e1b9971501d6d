import type { Shard } from "./connect.ts";

/** A slot that this instance may sequence, with the position from which it goes on. */
export interface Claim {
  readonly slot: number;
  readonly epoch: number;
  readonly appliedSeq: number;
  readonly appliedAt: number;
  readonly appliedId: string;
  readonly streamId: string;
  readonly publishedSeq: number;
  /** What its stream's sequences are short of the slot's own. */
  readonly seqBase: number;
}

export interface ClaimRequest {
  readonly instanceId: string;
  /** At most so many. */
  readonly limit: number;
  readonly leaseMs: number;
  /** Slots that this instance already runs. */
  readonly held: readonly number[];
}

/**
 * Takes up to `limit` active slots whose lease is free or has run out by Postgres's clock. The epoch rises, so whoever held
 * the slot before can no longer commit, however alive it believes itself to be.
 */
export async function claimSlots({ sql }: Shard, request: ClaimRequest): Promise<Claim[]> {
  const { instanceId, limit, leaseMs, held } = request;
  const rows = await sql`
    update slots set owner = ${instanceId}, epoch = epoch + 1, lease_until = now() + ${leaseMs} * interval '1 millisecond'
    where slot in (
      select slot from slots
      where role = 'active' and halted_reason is null and not slot = any(${[...held]}::int[])
        and (owner is null or owner = ${instanceId} or lease_until is null or lease_until < now())
      order by slot limit ${limit} for update skip locked
    )
    returning slot, epoch, applied_seq, applied_at, applied_id, stream_id, published_seq, seq_base`;
  return rows.map((row) => ({
    slot: Number(row["slot"]),
    epoch: Number(row["epoch"]),
    appliedSeq: Number(row["applied_seq"]),
    appliedAt: Number(row["applied_at"]),
    appliedId: String(row["applied_id"]),
    streamId: String(row["stream_id"]),
    publishedSeq: Number(row["published_seq"]),
    seqBase: Number(row["seq_base"]),
  }));
}
