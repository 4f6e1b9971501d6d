import type { Shard } from "./connect.ts";

export interface WebhookEndpoint {
  readonly endpointId: string;
  readonly url: string;
  readonly secret: string;
  /** Null: every seller's events. */
  readonly sellerId: string | null;
  readonly paused: boolean;
}

export async function listEndpoints({ sql }: Shard): Promise<WebhookEndpoint[]> {
  const rows = await sql<
    { endpoint_id: string; url: string; secret: string; seller_id: string | null; paused: boolean }[]
  >`select endpoint_id, url, secret, seller_id, paused from webhook_endpoints order by created_at, endpoint_id`;
  return rows.map((row) => ({
    endpointId: row.endpoint_id,
    url: row.url,
    secret: row.secret,
    sellerId: row.seller_id,
    paused: row.paused,
  }));
}

/** Whether it was new there; what is there stays as it is. */
export async function addEndpoint({ sql }: Shard, endpoint: WebhookEndpoint): Promise<boolean> {
  const { endpointId, url, secret, sellerId, paused } = endpoint;
  const { count } = await sql`
    insert into webhook_endpoints (endpoint_id, url, secret, seller_id, paused)
    values (${endpointId}, ${url}, ${secret}, ${sellerId}, ${paused}) on conflict do nothing`;
  return count > 0;
}

/** What one statement deletes well within its time. */
const REMOVED_AT_ONCE = 10_000;

/** With everything that waits for it. Whether there was one. */
export async function removeEndpoint({ sql }: Shard, endpointId: string): Promise<boolean> {
  for (let removed = REMOVED_AT_ONCE; removed === REMOVED_AT_ONCE;) {
    ({ count: removed } = await sql`
      delete from webhook_deliveries where endpoint_id = ${endpointId} and event_id in (
        select event_id from webhook_deliveries where endpoint_id = ${endpointId} limit ${REMOVED_AT_ONCE})`);
  }
  const { count } = await sql`delete from webhook_endpoints where endpoint_id = ${endpointId}`;
  return count > 0;
}

/** Whether there was one. */
export async function pauseEndpoint({ sql }: Shard, endpointId: string, paused: boolean): Promise<boolean> {
  const { count } =
    await sql`update webhook_endpoints set paused = ${paused} where endpoint_id = ${endpointId}`;
  return count > 0;
}
