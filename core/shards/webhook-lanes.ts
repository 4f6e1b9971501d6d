import type { TransactionSql } from "postgres";

/** Any constant; the slot is the other half of the lock's name. */
const LANES_LOCK = 0x1a57ca12;

/**
 * Every change of who is first in a lane happens under its slot's lock, so that of two changes at once the later one sees the
 * earlier. The lock must be a statement of its own: what follows it then sees what was committed before.
 */
export const lockLanes = (tx: TransactionSql, slots: readonly number[]) => tx`
  select pg_advisory_xact_lock(${LANES_LOCK}, slot)
  from (select distinct slot from unnest(${[...slots]}::int[]) s(slot) order by slot) locked`;

/** The same for the slots of these events. */
export const lockLanesOfEvents = (tx: TransactionSql, eventIds: readonly string[]) => tx`
  select pg_advisory_xact_lock(${LANES_LOCK}, slot)
  from (select distinct slot from outbox where event_id = any(${[...eventIds]}::text[]) order by slot) locked`;

/** A lane: an endpoint's live deliveries of one auction. */
export interface Lane {
  readonly endpointId: string;
  readonly auctionId: string;
}

/** Gives each lane's first delivery its turn, unless it has it, and takes it from any other. Needs the lanes' lock. */
export const alignLanes = (tx: TransactionSql, lanes: readonly Lane[]) => tx`
  with lanes as (
    select distinct endpoint_id, auction_id
    from unnest(${lanes.map(({ endpointId }) => endpointId)}::text[], ${lanes.map(({ auctionId }) => auctionId)}::text[])
      l(endpoint_id, auction_id)
  ), first as (
    select l.endpoint_id, l.auction_id, f.event_id
    from lanes l cross join lateral (
      select d.event_id from webhook_deliveries d
      where d.endpoint_id = l.endpoint_id and d.auction_id = l.auction_id and d.dead_at is null
      order by d.seq, d.place limit 1
    ) f
  ), others as (
    update webhook_deliveries d set next_attempt_at = null from first f
    where d.endpoint_id = f.endpoint_id and d.auction_id = f.auction_id and d.event_id <> f.event_id
      and d.next_attempt_at is not null
  )
  update webhook_deliveries d set next_attempt_at = ${nowMs(tx)} from first f
  where d.endpoint_id = f.endpoint_id and d.event_id = f.event_id and d.next_attempt_at is null`;

/** The shard's clock in milliseconds since the epoch. */
export const nowMs = (tx: TransactionSql) => tx`(extract(epoch from clock_timestamp()) * 1000)::int8`;
