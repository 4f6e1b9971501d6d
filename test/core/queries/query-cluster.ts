import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createNoopMeter } from "@opentelemetry/api";
import { connect } from "nats";
import { serveQueries } from "../../../core/queries/serve-queries.ts";
import { connectShard, type Shard } from "../../../core/shards/connect.ts";
import { migrateShards } from "../../../core/shards/migrate.ts";
import { createPartitions } from "../../../core/shards/partitions.ts";
import { createTopology, type Topology } from "../../../core/shards/topology.ts";
import { createCoreMetrics } from "../../../core/telemetry/core-metrics.ts";
import { createLog } from "../../../core/log.ts";
import { startStack } from "../../../infra/local/stack.ts";
import { queries, type QueryAnswer, type QueryKind } from "../../../shared/queries.ts";
import { querySubject } from "../../../shared/subjects.ts";
import { AUCTION_ID, START_MS } from "../../support/builders.ts";
import { storedLog, type StoredLog } from "../../support/decision-log.ts";

export const SLOTS = 8;

/** Two migrated shards with a query server in front of them, all on real servers. */
export interface QueryCluster {
  readonly shards: readonly [Shard, Shard];
  readonly topology: Topology;
  /** What the server has logged. */
  readonly logged: readonly string[];
  ask<K extends QueryKind>(kind: K, request: object): Promise<QueryAnswer<K>>;
  askRaw(kind: QueryKind, body: string): Promise<unknown>;
  /** The shard that an auction belongs to. */
  home(auctionId: string): Shard;
  /** A log on the shard that its auction belongs to. */
  log(auctionId?: string): StoredLog;
  /** Forgets every auction. */
  empty(): Promise<void>;
  close(): Promise<void>;
}

export async function startQueryCluster(): Promise<QueryCluster> {
  const data = await mkdtemp(path.join(tmpdir(), "lastcall-queries-"));
  const stack = await startStack({ data, serversOnly: true });
  const urls = stack.info.shards;
  await migrateShards(urls, { slots: SLOTS });
  const shards = [connectShard(urls[0] ?? "", 0), connectShard(urls[1] ?? "", 1)] as const;
  for (const { sql } of shards) await createPartitions(sql, START_MS);
  const topology = createTopology(shards, SLOTS);
  await topology.refresh();
  const nc = await connect({ servers: stack.info.nats });
  const logged: string[] = [];
  const log = createLog({}, (line) => logged.push(line));
  const server = serveQueries({ nc, shards, topology, metrics: createCoreMetrics(createNoopMeter()), log });
  await nc.flush();

  const askRaw = async (kind: QueryKind, body: string): Promise<unknown> =>
    (await nc.request(querySubject(kind), body, { timeout: 5_000 })).json();
  const home = (auctionId: string): Shard => {
    const shard = topology.shardOf(auctionId);
    if (shard === undefined) throw new Error("the auction's slot lives nowhere");
    return shard;
  };
  return {
    shards,
    home,
    topology,
    logged,
    askRaw,
    async ask(kind, request) {
      const answer = (await askRaw(kind, JSON.stringify(request))) as QueryAnswer<typeof kind>;
      // Whatever the server says must fit the contract, and say nothing beside it.
      if ("ok" in answer) queries[kind].reply.parse(answer.ok);
      return answer;
    },
    log: (auctionId = AUCTION_ID) => storedLog(home(auctionId), { slots: SLOTS, auctionId }),
    async empty() {
      for (const { sql } of shards) await sql`truncate auctions, decision_log, bidders, orders, outbox`;
    },
    async close() {
      await server.close();
      await nc.close();
      await Promise.all(shards.map(({ sql }) => sql.end()));
      await stack.stop();
      await rm(data, { recursive: true, force: true });
    },
  };
}
