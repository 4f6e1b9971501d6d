import type { Shard } from "./connect.ts";

/** Due auctions asked for at once; the rest comes with the next poll. */
const PAGE = 1_000;

export interface DueAuction {
  readonly auctionId: string;
  readonly slot: number;
  readonly deadlineMs: number;
}

/** Auctions of these slots with a deadline at or before `nowMs`, the oldest first. */
export async function dueAuctions(
  { sql }: Shard,
  slots: readonly number[],
  nowMs: number,
): Promise<DueAuction[]> {
  const rows = await sql<{ auction_id: string; slot: number; next_deadline: string }[]>`
    select auction_id, slot, next_deadline from auctions
    where slot = any(${[...slots]}::int[]) and next_deadline <= ${nowMs} and next_deadline is not null
    order by next_deadline limit ${PAGE}`;
  return rows.map((row) => ({
    auctionId: row.auction_id,
    slot: row.slot,
    deadlineMs: Number(row.next_deadline),
  }));
}
