import type { Shard } from "./connect.ts";
import { lockLanesOfEvents, nowMs } from "./webhook-lanes.ts";

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

/**
 * They have left. What webhook endpoints must hear of them is written in the same statement, so that no crash comes between:
 * one delivery for each endpoint that wants the seller's events, due at once if it is the first of its lane.
 */
export async function forgetEvents({ sql }: Shard, eventIds: readonly string[]): Promise<void> {
  await sql.begin((tx) => [
    lockLanesOfEvents(tx, eventIds),
    tx`
      with gone as (
        delete from outbox where event_id = any(${[...eventIds]}::text[])
        returning event_id, slot, seq, place, auction_id, payload
      )
      insert into webhook_deliveries (endpoint_id, event_id, slot, seq, place, auction_id, payload, next_attempt_at)
      select e.endpoint_id, g.event_id, g.slot, g.seq, g.place, g.auction_id, g.payload::text,
        case when row_number() over (partition by e.endpoint_id, g.auction_id order by g.seq, g.place) = 1
          and not exists (
            select 1 from webhook_deliveries d
            where d.endpoint_id = e.endpoint_id and d.auction_id = g.auction_id and d.dead_at is null
          ) then ${nowMs(tx)} end
      from gone g join webhook_endpoints e on e.seller_id is null or e.seller_id = g.payload->>'sellerId'
      on conflict do nothing`,
  ]);
}
