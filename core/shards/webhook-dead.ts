import type { Shard } from "./connect.ts";
import { alignLanes, type Lane, lockLanes } from "./webhook-lanes.ts";

/** A delivery that was given up. */
export interface DeadDelivery extends Lane {
  readonly eventId: string;
  readonly attempts: number;
  readonly error: string;
  /** Milliseconds since the epoch. */
  readonly deadAtMs: number;
}

export interface DeadFilter {
  readonly endpointId?: string | undefined;
  readonly eventId?: string | undefined;
  readonly limit: number;
}

/** The longest dead first. */
export async function listDeadDeliveries({ sql }: Shard, filter: DeadFilter): Promise<DeadDelivery[]> {
  const { endpointId = null, limit } = filter;
  const rows = await sql<
    {
      endpoint_id: string;
      event_id: string;
      auction_id: string;
      attempts: number;
      last_error: string | null;
      dead_at: string;
    }[]
  >`
    select endpoint_id, event_id, auction_id, attempts, last_error, dead_at from webhook_deliveries
    where dead_at is not null and (${endpointId}::text is null or endpoint_id = ${endpointId})
    order by dead_at, endpoint_id, event_id limit ${limit}`;
  return rows.map((row) => ({
    endpointId: row.endpoint_id,
    eventId: row.event_id,
    auctionId: row.auction_id,
    attempts: row.attempts,
    error: row.last_error ?? "",
    deadAtMs: Number(row.dead_at),
  }));
}

/**
 * Gives dead deliveries all their attempts again, and their old place: each goes before what still waits of its auction.
 * How many there were, at most `limit`.
 */
export async function redeliver({ sql }: Shard, filter: DeadFilter): Promise<number> {
  const { endpointId = null, eventId = null, limit } = filter;
  return sql.begin(async (tx) => {
    const chosen = await tx<{ endpoint_id: string; event_id: string; auction_id: string; slot: number }[]>`
      select endpoint_id, event_id, auction_id, slot from webhook_deliveries
      where dead_at is not null and (${endpointId}::text is null or endpoint_id = ${endpointId})
        and (${eventId}::text is null or event_id = ${eventId})
      order by dead_at, endpoint_id, event_id limit ${limit}`;
    if (chosen.length === 0) return 0;
    await lockLanes(
      tx,
      chosen.map(({ slot }) => slot),
    );
    const { count } = await tx`
      update webhook_deliveries d set dead_at = null, attempts = 0
      from unnest(${chosen.map((row) => row.endpoint_id)}::text[], ${chosen.map((row) => row.event_id)}::text[])
        c(endpoint_id, event_id)
      where d.endpoint_id = c.endpoint_id and d.event_id = c.event_id and d.dead_at is not null`;
    await alignLanes(
      tx,
      chosen.map((row) => ({ endpointId: row.endpoint_id, auctionId: row.auction_id })),
    );
    return count;
  });
}
