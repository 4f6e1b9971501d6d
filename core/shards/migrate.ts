import { fileURLToPath } from "node:url";
import { drizzle } from "drizzle-orm/postgres-js";
import { migrate } from "drizzle-orm/postgres-js/migrator";
import postgres from "postgres";
import { CoreError } from "../core-error.ts";
import { createPartitions } from "./partitions.ts";

/** Any constant: two instances that start together migrate one after the other. */
const MIGRATION_LOCK = 0x1a57ca11;

const migrationsFolder = fileURLToPath(new URL("./migrations", import.meta.url));

/**
 * Brings every shard's schema up to date, makes the coming months' partitions, and gives each slot that no shard has yet
 * a home. Safe to repeat and to run from several processes. Throws a CoreError when the cluster was created with another number of slots.
 */
export async function migrateShards(urls: readonly string[], options: { slots: number }): Promise<void> {
  const shards = urls.map((url) => postgres(url, { max: 1, connect_timeout: 10, onnotice: () => {} }));
  try {
    for (const sql of shards) await migrateOne(sql, options.slots);
    await seedSlots(shards, options.slots);
  } finally {
    await Promise.all(shards.map((sql) => sql.end({ timeout: 2 })));
  }
}

async function migrateOne(sql: postgres.Sql, slots: number): Promise<void> {
  await sql`select pg_advisory_lock(${MIGRATION_LOCK})`;
  try {
    await migrate(drizzle(sql), { migrationsFolder });
    await createPartitions(sql, Date.now());
    await sql`insert into settings (name, value) values ('slots', ${String(slots)}) on conflict do nothing`;
    const [row] = await sql<{ value: string }[]>`select value from settings where name = 'slots'`;
    if (row?.value !== String(slots)) {
      throw new CoreError(`this cluster was created with ${row?.value} slots, not ${slots}`, {
        retryable: false,
      });
    }
  } finally {
    await sql`select pg_advisory_unlock(${MIGRATION_LOCK})`;
  }
}

/** A new cluster spreads its slots over the shards it starts with; a shard added later starts empty and gets slots by moves. */
async function seedSlots(shards: readonly postgres.Sql[], slots: number): Promise<void> {
  const taken = new Set<number>();
  for (const sql of shards)
    for (const { slot } of await sql<{ slot: number }[]>`select slot from slots`) taken.add(slot);
  for (const [number, sql] of shards.entries()) {
    const mine = Array.from({ length: slots }, (_, slot) => slot).filter(
      (slot) => slot % shards.length === number && !taken.has(slot),
    );
    if (mine.length === 0) continue;
    await sql`insert into slots (slot, role) select unnest(${mine}::int[]), 'active' on conflict do nothing`;
  }
}
