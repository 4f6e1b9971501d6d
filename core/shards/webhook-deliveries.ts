import type { Shard } from "./connect.ts";
import { alignLanes, type Lane, lockLanes } from "./webhook-lanes.ts";

/** A delivery whose turn it is, and where it goes. */
export interface DueDelivery extends Lane {
  readonly url: string;
  readonly secret: string;
  readonly eventId: string;
  readonly slot: number;
  /** An `OrderEvent` as JSON. */
  readonly payload: string;
  /** Failed ones so far. */
  readonly attempts: number;
}

/** A delivery in one word; an event may be on its way to several endpoints. */
export const deliveryKey = ({ endpointId, eventId }: Pick<DueDelivery, "endpointId" | "eventId">): string =>
  `${endpointId} ${eventId}`;

export interface DueRequest {
  readonly slots: readonly number[];
  readonly nowMs: number;
  /** How many of one endpoint at most. */
  readonly each: number;
  /** Endpoints that have room for fewer than that now. */
  readonly rooms: ReadonlyMap<string, number>;
  /** Those on their way, by `deliveryKey`: no answer names them. */
  readonly busy: readonly string[];
  readonly limit: number;
}

/**
 * Deliveries that are due, those that have waited longest first, of every endpoint as many as it has room for: what waits
 * for one of them takes no place from the others.
 */
export async function dueDeliveries({ sql }: Shard, due: DueRequest): Promise<DueDelivery[]> {
  const rows = await sql<DueRow[]>`
    select e.endpoint_id, e.url, e.secret, d.event_id, d.auction_id, d.slot, d.payload, d.attempts
    from webhook_endpoints e
    left join unnest(${[...due.rooms.keys()]}::text[], ${[...due.rooms.values()]}::int[]) r(endpoint_id, room)
      on r.endpoint_id = e.endpoint_id
    cross join lateral (
      select event_id, auction_id, slot, payload, attempts, next_attempt_at from webhook_deliveries d
      where d.endpoint_id = e.endpoint_id and d.next_attempt_at <= ${due.nowMs}
        and d.slot = any(${[...due.slots]}::int[]) and d.endpoint_id || ' ' || d.event_id <> all(${[...due.busy]}::text[])
      order by d.next_attempt_at limit coalesce(r.room, ${due.each})
    ) d
    where not e.paused
    order by d.next_attempt_at limit ${due.limit}`;
  return rows.map((row) => ({
    endpointId: row.endpoint_id,
    url: row.url,
    secret: row.secret,
    eventId: row.event_id,
    auctionId: row.auction_id,
    slot: row.slot,
    payload: row.payload,
    attempts: row.attempts,
  }));
}

interface DueRow {
  endpoint_id: string;
  url: string;
  secret: string;
  event_id: string;
  auction_id: string;
  slot: number;
  payload: string;
  attempts: number;
}

/** What came of an attempt: the endpoint has it, or it is tried again at `atMs`, or it was given up then. */
export interface SettledDelivery extends Lane {
  readonly eventId: string;
  readonly slot: number;
  readonly outcome: "delivered" | "retry" | "dead";
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  /** Why it failed; no secrets. Null: it did not. */
  readonly error: string | null;
}

/** Notes what came of attempts and gives the next of their lanes their turn. */
export async function settleDeliveries({ sql }: Shard, settled: readonly SettledDelivery[]): Promise<void> {
  const column = <K extends keyof SettledDelivery>(name: K) => settled.map((one) => one[name]);
  await sql.begin((tx) => [
    lockLanes(tx, column("slot")),
    tx`
      with settled as (
        select * from unnest(${column("endpointId")}::text[], ${column("eventId")}::text[], ${column("outcome")}::text[],
          ${column("atMs")}::int8[], ${column("error")}::text[]) s(endpoint_id, event_id, outcome, at, error)
      ), gone as (
        delete from webhook_deliveries d using settled s
        where d.endpoint_id = s.endpoint_id and d.event_id = s.event_id and s.outcome = 'delivered'
      )
      update webhook_deliveries d set attempts = d.attempts + 1, last_error = s.error,
        next_attempt_at = case when s.outcome = 'retry' then s.at end,
        dead_at = case when s.outcome = 'dead' then s.at end
      from settled s
      where d.endpoint_id = s.endpoint_id and d.event_id = s.event_id and s.outcome <> 'delivered'
        and d.dead_at is null`,
    alignLanes(tx, settled),
  ]);
}
