import type { Shard } from "../../../core/shards/connect.ts";

/** What a slot adds to its stream's sequences: 0, unless an operator has adopted a stream for it. */
export async function seqBaseOf({ sql }: Shard, slot: number): Promise<number> {
  const [row] = await sql<{ base: number }[]>`
    select seq_base::float8 as base from slots where slot = ${slot}`;
  return row?.base ?? 0;
}
