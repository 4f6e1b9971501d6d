import type { Shard } from "./connect.ts";

export interface WebhookBacklog {
  /** Live deliveries, whether it is their turn or not. */
  readonly waiting: number;
  readonly dead: number;
  /** For how long the oldest live one has waited; 0 if none does. */
  readonly oldestMs: number;
}

/** What waits for endpoints, by endpoint; those that wait for nothing are left out. */
export async function webhookBacklog({ sql }: Shard): Promise<Map<string, WebhookBacklog>> {
  const rows = await sql<{ endpoint_id: string; waiting: number; dead: number; oldest: number }[]>`
    select endpoint_id, count(*) filter (where dead_at is null)::int as waiting, count(dead_at)::int as dead,
      coalesce(extract(epoch from now() - min(created_at) filter (where dead_at is null)) * 1000, 0)::float8 as oldest
    from webhook_deliveries group by endpoint_id`;
  return new Map(
    rows.map(({ endpoint_id: id, waiting, dead, oldest }) => [
      id,
      { waiting, dead, oldestMs: Math.max(0, oldest) },
    ]),
  );
}

/** What waits for any endpoint, of some slots. Counts live deliveries only: dead ones may be many. */
export async function waitingDeliveries(
  { sql }: Shard,
  slots: readonly number[],
): Promise<Pick<WebhookBacklog, "waiting" | "oldestMs">> {
  const [row] = await sql<{ waiting: number; oldest: number }[]>`
    select count(*)::int as waiting, coalesce(extract(epoch from now() - min(created_at)) * 1000, 0)::float8 as oldest
    from webhook_deliveries where dead_at is null and slot = any(${[...slots]}::int[])`;
  return { waiting: row?.waiting ?? 0, oldestMs: Math.max(0, row?.oldest ?? 0) };
}
