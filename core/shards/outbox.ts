import type { Shard } from "./connect.ts";

/** An event that waits to leave. `payload` is an `OrderEvent` as JSON. */
export interface WaitingEvent {
  readonly eventId: string;
  readonly slot: number;
  readonly auctionId: string;
  readonly payload: string;
}

/** The next events of these slots, in the order in which they must leave. */
export async function waitingEvents(
  { sql }: Shard,
  slots: readonly number[],
  limit: number,
): Promise<WaitingEvent[]> {
  const rows = await sql<{ event_id: string; slot: number; auction_id: string; payload: string }[]>`
    select event_id, slot, auction_id, payload::text as payload from outbox
    where slot = any(${[...slots]}::int[]) order by slot, seq, place limit ${limit}`;
  return rows.map((row) => ({
    eventId: row.event_id,
    slot: row.slot,
    auctionId: row.auction_id,
    payload: row.payload,
  }));
}

/** They have left. */
export async function forgetEvents({ sql }: Shard, eventIds: readonly string[]): Promise<void> {
  await sql`delete from outbox where event_id = any(${[...eventIds]}::text[])`;
}
