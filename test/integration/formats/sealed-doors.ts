import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { Redis } from "ioredis";
import postgres from "postgres";
import { slotOf } from "../../../shared/slots.ts";
import { ORDERS_STREAM, orderSubject, RESULTS_STREAM, resultSubject } from "../../../shared/subjects.ts";
import type { StackAddress } from "../../support/stack.ts";
import { readStream } from "./read-stream.ts";
import { SLOTS } from "./truth.ts";

/**
 * Everything that a stack keeps or says about an auction beside its truth (the log, and in Postgres the decisions, the
 * auction's state and its bidders' rows), as text, by the name of the place.
 */
export async function otherPlaces(stack: StackAddress, auctionId: string): Promise<Map<string, string>> {
  const { info, data } = stack;
  const slot = slotOf(auctionId, SLOTS);
  const places: [string, Promise<string>][] = [
    ["RESULTS", wholeStream(info.nats, RESULTS_STREAM, resultSubject(slot, auctionId))],
    ["ORDERS", wholeStream(info.nats, ORDERS_STREAM, orderSubject(slot, auctionId))],
    ["Redis", redisContent(info.redis)],
    ["logs", logs(path.join(data, "logs"))],
    ...info.cores.map(({ metrics }, i): [string, Promise<string>] => [
      `metrics of core ${i}`,
      metricsOf(metrics),
    ]),
    ...info.shards.map((url, i): [string, Promise<string>] => [`shard ${i}`, columns(url, auctionId)]),
  ];
  return new Map(await Promise.all(places.map(async ([name, content]) => [name, await content] as const)));
}

async function wholeStream(nats: string, stream: string, subject: string): Promise<string> {
  const messages = await readStream(nats, stream, subject);
  return messages.map(({ data }) => new TextDecoder().decode(data)).join("\n");
}

/** A core that was killed says nothing. */
function metricsOf(address: string): Promise<string> {
  return fetch(`${address}/metrics`).then(
    (answer) => answer.text(),
    () => "",
  );
}

/** What core and edge have written to their output. The servers' own logs say nothing of bids. */
async function logs(folder: string): Promise<string> {
  const names = (await readdir(folder)).filter((name) => /^(core|edge)/.test(name));
  const texts = await Promise.all(names.map((name) => readFile(path.join(folder, name), "utf8")));
  return texts.join("\n");
}

/** Every key with its content, whatever its type. */
async function redisContent(url: string): Promise<string> {
  const redis = new Redis(url);
  try {
    const found: unknown[] = [];
    let cursor = "0";
    do {
      const [next, keys] = await redis.scan(cursor, "COUNT", 1_000);
      cursor = next;
      for (const key of keys) found.push(key, await contentOf(redis, key));
    } while (cursor !== "0");
    return JSON.stringify(found);
  } finally {
    redis.disconnect();
  }
}

async function contentOf(redis: Redis, key: string): Promise<unknown> {
  switch (await redis.type(key)) {
    case "hash":
      return redis.hgetall(key);
    case "zset":
      return redis.zrange(key, 0, -1, "WITHSCORES");
    case "set":
      return redis.smembers(key);
    case "list":
      return redis.lrange(key, 0, -1);
    case "stream":
      return redis.xrange(key, "-", "+");
    default:
      return redis.get(key);
  }
}

/** The auction's row without its state, its orders, and what waits to leave or could not be decided. */
async function columns(url: string, auctionId: string): Promise<string> {
  const sql = postgres(url, { max: 1 });
  try {
    const [auctions, orders, outbox, dead] = await Promise.all([
      sql`select to_jsonb(a) - 'state' as row from auctions a where auction_id = ${auctionId}`,
      sql`select to_jsonb(o) as row from orders o where auction_id = ${auctionId}`,
      sql`select to_jsonb(o) as row from outbox o where auction_id = ${auctionId}`,
      sql`select reason, detail from dead_letters where subject like ${`%${auctionId}`}`,
    ]);
    return JSON.stringify([auctions, orders, outbox, dead]);
  } finally {
    await sql.end();
  }
}
