import { connectShard, type Shard } from "../../core/shards/connect.ts";
import { findShards } from "./find-shards.ts";

/** Runs `work` on connections to every shard and closes them after it, whatever came of it. */
export async function withShards<T>(work: (shards: readonly Shard[]) => Promise<T>): Promise<T> {
  const shards = findShards().map(connectShard);
  try {
    return await work(shards);
  } finally {
    await Promise.all(shards.map(({ sql }) => sql.end({ timeout: 2 })));
  }
}
