import type { Shard } from "./connect.ts";

export interface HeldSlot {
  readonly slot: number;
  readonly epoch: number;
  readonly publishedSeq: number;
}

/** Gives slots back at once instead of letting their leases run out. A slot that was lost meanwhile is left alone. */
export async function releaseSlots({ sql }: Shard, held: readonly HeldSlot[]): Promise<void> {
  if (held.length === 0) return;
  await sql`
    update slots s set owner = null, lease_until = null, published_seq = greatest(s.published_seq, h.published_seq)
    from unnest(
      ${held.map((h) => h.slot)}::int[], ${held.map((h) => h.epoch)}::int8[], ${held.map((h) => h.publishedSeq)}::int8[]
    ) as h(slot, epoch, published_seq)
    where s.slot = h.slot and s.epoch = h.epoch`;
}

/** Takes the instance off the list, so that the others share its slots at once. */
export async function leaveShard({ sql }: Shard, instanceId: string): Promise<void> {
  await sql`delete from instances where instance_id = ${instanceId}`;
}
