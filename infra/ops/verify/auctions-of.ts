import type { Shard } from "../../../core/shards/connect.ts";

/** Ids of a page. */
const PAGE = 1_000;

/**
 * The ids of every auction of a shard's active slots, and of those of which only decisions are left, each once; in the order of
 * their ids.
 */
export async function* auctionsOf({ sql }: Pick<Shard, "sql">): AsyncGenerator<string> {
  for (let after = ""; ;) {
    // An auction's decisions come to thousands of rows: the index is asked for the next id, not for all rows.
    const page = await sql<{ id: string }[]>`
      with recursive decided(id) as (
        (select auction_id from decision_log where auction_id > ${after} order by auction_id limit 1)
        union all
        select (select auction_id from decision_log where auction_id > decided.id order by auction_id limit 1)
        from decided where decided.id is not null),
      named as (
        (select id from decided where id is not null limit ${PAGE})
        union
        (select auction_id from auctions where auction_id > ${after} order by auction_id limit ${PAGE}))
      select id from named order by id limit ${PAGE}`;
    for (const { id } of page) yield id;
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.id;
  }
}

/** The slots that are active on a shard. What it has of others is a copy, or was moved away. */
export async function activeSlots({ sql }: Pick<Shard, "sql">): Promise<ReadonlySet<number>> {
  const rows = await sql<{ slot: number }[]>`select slot from slots where role = 'active'`;
  return new Set(rows.map(({ slot }) => slot));
}

/** How many slots the cluster has. Throws when the shard was never migrated. */
export async function slotCount({ sql }: Pick<Shard, "sql">): Promise<number> {
  const [row] = await sql<{ slots: number }[]>`select value::int as slots from settings where name = 'slots'`;
  if (row === undefined) throw new Error("this shard has no slots: run ops migrate first");
  return row.slots;
}
