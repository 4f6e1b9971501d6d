import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { drizzle } from "drizzle-orm/postgres-js";
import { migrate } from "drizzle-orm/postgres-js/migrator";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { stateOf } from "../../../core/auction/auction.ts";
import { decide } from "../../../core/auction/decide.ts";
import { renderAuction, renderLeaderboard } from "../../../core/auction/render.ts";
import { connectShard } from "../../../core/shards/connect.ts";
import { loadAuctions } from "../../../core/shards/load-auctions.ts";
import { migrateShards } from "../../../core/shards/migrate.ts";
import { createPartitions, monthOf } from "../../../core/shards/partitions.ts";
import { startStack } from "../../../infra/local/stack.ts";
import { alice, AUCTION_ID, bid, bob, carol, create, proxyBid, START_MS } from "../../support/builders.ts";
import { auctionLog } from "../../support/auction-log.ts";
import { encodeEntries } from "../../../core/auction/record-codec.ts";

const MIGRATIONS = path.join(import.meta.dirname, "../../../core/shards/migrations");

let data: string;
let stack: Awaited<ReturnType<typeof startStack>>;
beforeAll(async () => {
  data = await mkdtemp(path.join(tmpdir(), "lastcall-migrate-"));
  stack = await startStack({ data, serversOnly: true });
}, 60_000);
afterAll(async () => {
  await stack.stop();
  await rm(data, { recursive: true, force: true });
}, 30_000);

/** The database as the first version left it. */
async function migrateToFirstVersion(sql: postgres.Sql): Promise<void> {
  const folder = path.join(data, "first");
  await cp(MIGRATIONS, folder, { recursive: true });
  const journalFile = path.join(folder, "meta/_journal.json");
  const journal = JSON.parse(await readFile(journalFile, "utf8")) as { entries: unknown[] };
  await writeFile(journalFile, JSON.stringify({ ...journal, entries: journal.entries.slice(0, 1) }));
  await migrate(drizzle(sql), { migrationsFolder: folder });
  await createPartitions(sql, START_MS);
}

test("an auction of the first version goes on: its leader, its leaderboard and its bidders' standings (I2)", async () => {
  const url = stack.info.shards[0] ?? "";
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  await migrateToFirstVersion(sql);
  const log = auctionLog();
  log.append([{ ...create(), rules: 1 }], START_MS);
  log.append([bid(alice, 1_000), bid(bob, 1_200), bid(bob, 1_100)], START_MS + 1);
  log.append([bid(carol, 1_300), bid(bob, 1_500), bid(alice, 1_700)], START_MS + 2);
  await storeAsFirstVersion(sql, log);
  await sql.end();

  await migrateShards([url], { slots: 8 });
  const shard = connectShard(url, 0);
  try {
    const [stored] = await loadAuctions(shard, [AUCTION_ID]);
    const [now, then] = [stored?.auction, log.auction()];
    if (!now || !then) throw new Error("no auction");
    expect(renderAuction(now)).toEqual(renderAuction(then));
    expect(renderLeaderboard(now)).toEqual(renderLeaderboard(then));
    const retraction = { action: "retract", bidId: "x", bidderId: alice, reason: "a typo" } as const;
    for (const command of [
      proxyBid(bob, 5_000, "next"),
      { type: "manage", actorId: "olga", role: "operator", key: "k", body: retraction } as const,
    ]) {
      const decided = [now, then].map((auction) => decide(AUCTION_ID, auction, command, START_MS + 3));
      expect(decided[0]?.events).toEqual(decided[1]?.events);
      const [one, other] = decided.map(({ auction }) => auction && renderAuction(auction));
      expect(one).toEqual(other);
    }
  } finally {
    await shard.sql.end();
  }
});

/** What the first version wrote for these decisions; its own state had a book of leaders and nothing about bidders. */
async function storeAsFirstVersion(sql: postgres.Sql, log: ReturnType<typeof auctionLog>): Promise<void> {
  const auction = log.auction();
  if (auction === null) throw new Error("no auction");
  const leaders = renderLeaders(log);
  const { bidCount, secretSalt: _salt, extensions: _extensions, winner: _winner, ...rest } = stateOf(auction);
  const { ordersPlaced: _placed, firstPending: _pending, ...first } = rest;
  const state = { ...first, book: { bidCount, leaders } };
  const { id, createdAtMs, status, version, sellerId, endsAtMs } = auction;
  const month = monthOf(createdAtMs);
  for (const { position, decision } of log.history()) {
    await sql`
      insert into decision_log (auction_id, seq, month, slot, at, from_version, to_version, envelope_id, origin, fingerprints,
        record, chain)
      values (${id}, ${position.seq}, ${month}, 0, ${position.atMs}, ${decision.fromVersion}, ${decision.toVersion}, 'e', '',
        '', ${encodeEntries(decision.entries)}, 'c')`;
  }
  await sql`
    insert into auctions (auction_id, slot, month, format, status, version, seller_id, currency, price, bid_count, leader_id,
      created_at, ends_at, next_deadline, seq, at, chain, state)
    values (${id}, 0, ${month}, 'english', ${status}, ${version}, ${sellerId}, 'EUR', ${leaders[0]?.amountMinor ?? null},
      ${auction.bidCount}, ${leaders[0]?.bidderId ?? null}, ${createdAtMs}, ${endsAtMs}, ${endsAtMs}, 3, ${START_MS + 2}, 'c',
      ${JSON.stringify(state)}::text::json)`;
}

const renderLeaders = (
  log: ReturnType<typeof auctionLog>,
): { bidderId: string; amountMinor: number; atMs: number }[] => {
  const best = new Map<string, { bidderId: string; amountMinor: number; atMs: number }>();
  for (const { decision } of log.history()) {
    for (const event of decision.entries.flatMap((entry) => entry.events ?? []))
      if (event.type === "bid_accepted") best.set(event.bidderId, event);
  }
  return [...best.values()]
    .map(({ bidderId, amountMinor, atMs }) => ({ bidderId, amountMinor, atMs }))
    .sort((a, b) => b.amountMinor - a.amountMinor);
};
