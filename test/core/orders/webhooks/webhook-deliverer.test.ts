import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { addressPolicy } from "../../../../core/orders/webhooks/public-address.ts";
import type { WebhookDeliverer } from "../../../../core/orders/webhooks/webhook-deliverer.ts";
import { redeliver } from "../../../../core/shards/webhook-dead.ts";
import { pauseEndpoint, removeEndpoint } from "../../../../core/shards/webhook-endpoints.ts";
import { orderEventSchema } from "../../../../shared/orders.ts";
import { until } from "../../sequencer/cluster.ts";
import { isGenuine } from "./is-genuine.ts";
import { type PostOffice, startPostOffice } from "./post-office.ts";
import { byAuction, type Receiver, startReceiver } from "./webhook-receiver.ts";

let office: PostOffice;
let receiver: Receiver;
beforeAll(async () => {
  office = await startPostOffice();
});
afterAll(() => office.close());
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(async () => {
  await office.empty();
  await receiver.die();
});

/** Looks again at once, so that a test need not wait for the next look. */
const untilSo = (deliverer: WebhookDeliverer, isSo: () => boolean | Promise<boolean>): Promise<void> =>
  until(() => {
    deliverer.wake();
    return isSo();
  });
const nothingWaits = async (): Promise<boolean> => (await office.rows()).every(({ dead }) => dead);

const AUCTIONS = Array.from({ length: 12 }, (_, i) => `lot-${i}`);

test("every event arrives once, signed, in order within its auction, and nothing is left (I1)", async () => {
  const secret = await office.register("hook", receiver.url);
  receiver.answer = ({ id }) => ({ status: 202, afterMs: id.length % 7 });
  const deliverer = office.deliver();
  const told = new Map<string, string[]>();
  for (let round = 0; round < 3; round++)
    for (const auctionId of AUCTIONS)
      told.set(auctionId, [...(told.get(auctionId) ?? []), ...(await office.tell(auctionId, 3))]);
  await untilSo(deliverer, nothingWaits);
  expect(byAuction(receiver.received)).toEqual(told);
  expect(await office.rows()).toEqual([]);
  for (const { body, headers, id } of receiver.received) {
    expect(isGenuine(secret, headers as Record<string, string>, body)).toBe(true);
    expect(isGenuine(secret, headers as Record<string, string>, body.replace("2500", "2400"))).toBe(false);
    expect(orderEventSchema.parse(JSON.parse(body)).id).toBe(id);
    expect(headers["content-type"]).toBe("application/json");
  }
});

test("an endpoint of one seller hears of that seller alone, and nobody of what was before", async () => {
  await office.tell("before");
  await office.register("all", receiver.url);
  const own = await startReceiver();
  await office.register("own", own.url, "sue");
  const deliverer = office.deliver();
  const [sams = "", sues = ""] = [...(await office.tell("a")), ...(await office.tell("b", 1, "sue"))];
  await untilSo(deliverer, nothingWaits);
  expect(receiver.received.map(({ id }) => id).sort()).toEqual([sams, sues].sort());
  expect(own.received.map(({ id }) => id)).toEqual([sues]);
  await own.die();
});

test("a receiver that dies and returns has each event exactly once after dedupe by id, in order (I1)", async () => {
  await office.register("hook", receiver.url);
  const deliverer = office.deliver({ retry: { attempts: 100, firstBackoffMs: 10 } });
  const told = new Map<string, string[]>();
  for (let round = 0; round < 4; round++) {
    // It dies with answers on their way: those events come again.
    receiver.answer = () => ({ status: 200, afterMs: 10 });
    for (const auctionId of AUCTIONS)
      told.set(auctionId, [...(told.get(auctionId) ?? []), ...(await office.tell(auctionId, 2))]);
    await untilSo(deliverer, () => receiver.taken.length >= round * 24 + 4);
    await receiver.die();
    await untilSo(deliverer, async () => (await office.rows()).some(({ attempts }) => attempts > 0));
    await receiver.revive();
  }
  await untilSo(deliverer, nothingWaits);
  expect(byAuction(receiver.taken)).toEqual(told);
  expect(await office.rows()).toEqual([]);
});

test("an event whose deliverer died between the answer and the deletion comes again, with the same id and body", async () => {
  await office.register("hook", receiver.url);
  const [first, second] = await office.tell("lot", 2);
  // It cannot note what it has sent: somebody holds the rows until it is gone.
  const holders = await Promise.all(office.shards.map(({ sql }) => sql.reserve()));
  for (const held of holders) {
    await held`begin`;
    await held`select 1 from webhook_deliveries for update`;
  }
  const dying = office.deliver();
  await untilSo(dying, () => receiver.received.length === 1);
  await dying.stop();
  for (const held of holders) {
    await held`rollback`;
    held.release();
  }
  expect((await office.rows()).map(({ event }) => event)).toEqual([first, second]);
  const next = office.deliver();
  await untilSo(next, nothingWaits);
  expect(receiver.received.map(({ id }) => id)).toEqual([first, first, second]);
  expect(receiver.received[1]?.body).toBe(receiver.received[0]?.body);
});

test("an event that is recorded while the one before it is being noted as delivered has its turn all the same", async () => {
  await office.register("hook", receiver.url);
  receiver.answer = () => ({ status: 200, afterMs: 150 });
  const [first] = await office.tell("lot");
  const deliverer = office.deliver();
  await untilSo(deliverer, () => receiver.received.length === 1);
  // Recording takes so long that the delivery ends in the middle of it.
  for (const { sql } of office.shards) {
    await sql`
      create function dawdle() returns trigger language plpgsql as $$ begin perform pg_sleep(0.6); return new; end $$`;
    await sql`create trigger dawdle before insert on webhook_deliveries execute function dawdle()`;
  }
  const [second] = await office.tell("lot");
  for (const { sql } of office.shards) await sql`drop function dawdle cascade`;
  await untilSo(deliverer, nothingWaits);
  expect(receiver.taken.map(({ id }) => id)).toEqual([first, second]);
});

describe("an event that the receiver refuses", () => {
  test("is tried again with growing pauses, then dead, and the auction's next events go on", async () => {
    await office.register("hook", receiver.url);
    const [bad = "", ...good] = await office.tell("lot", 3);
    const others = await office.tell("other", 2);
    const atMs: number[] = [];
    receiver.answer = ({ id }) => (id === bad ? (atMs.push(Date.now()), 500) : 200);
    const deliverer = office.deliver();
    await untilSo(deliverer, nothingWaits);
    const sent = byAuction(receiver.received);
    expect(sent.get("lot")).toEqual([bad, bad, bad, bad, ...good]);
    expect(sent.get("other")).toEqual(others);
    const pauses = atMs.slice(1).map((ms, i) => ms - (atMs[i] ?? 0));
    expect(pauses.map((pause, i) => pause >= 50 * 3 ** i)).toEqual([true, true, true]);
    const dead = { endpoint: "hook", event: bad, attempts: 4, turn: false, dead: true, error: "HTTP 500" };
    expect(await office.rows()).toEqual([dead]);
    expect(office.logged.join("\n")).toContain("a webhook delivery was given up");
    expect(office.logged.join("\n")).not.toContain("bidderId");
  });

  test("is dead at once when the receiver says that it is gone for good", async () => {
    await office.register("hook", receiver.url);
    const [bad, good] = await office.tell("lot", 2);
    receiver.answer = ({ id }) => (id === bad ? 410 : 200);
    await untilSo(office.deliver(), nothingWaits);
    expect(receiver.received.map(({ id }) => id)).toEqual([bad, good]);
    expect(await office.rows()).toMatchObject([{ event: bad, attempts: 1, dead: true, error: "HTTP 410" }]);
  });

  test("waits as long as the receiver asks", async () => {
    await office.register("hook", receiver.url);
    await office.tell("lot");
    const atMs: number[] = [];
    receiver.answer = () => {
      atMs.push(Date.now());
      return atMs.length === 1 ? { status: 429, headers: { "retry-after": "1" } } : 200;
    };
    await untilSo(office.deliver(), nothingWaits);
    expect((atMs[1] ?? 0) - (atMs[0] ?? 0)).toBeGreaterThanOrEqual(1_000);
  });

  test("and redirects to a private address is not followed there", async () => {
    const inside = await startReceiver();
    await office.register("hook", receiver.url);
    await office.tell("lot");
    receiver.answer = () => ({ status: 307, headers: { location: inside.url } });
    await untilSo(office.deliver(), nothingWaits);
    expect(inside.received).toEqual([]);
    expect(await office.rows()).toMatchObject([{ dead: true, error: "HTTP 307" }]);
    await inside.die();
  });

  test("can be made due again: it has all its attempts, and its place before what still waits", async () => {
    await office.register("hook", receiver.url);
    receiver.answer = () => 410;
    const [bad = ""] = await office.tell("lot");
    const deliverer = office.deliver();
    await untilSo(deliverer, async () => (await office.rows()).every(({ dead }) => dead));
    await receiver.die();
    const [later = ""] = await office.tell("lot");
    await untilSo(deliverer, async () => (await office.rows()).some(({ error }) => error === "ECONNREFUSED"));
    await deliverer.stop();
    const counts = await Promise.all(
      office.shards.map((shard) => redeliver(shard, { endpointId: "hook", eventId: bad, limit: 10 })),
    );
    expect(counts.toSorted((a, b) => a - b)).toEqual([0, 1]);
    expect(await office.rows()).toMatchObject([
      { event: bad, attempts: 0, turn: true, dead: false },
      { event: later, turn: false, dead: false },
    ]);
    receiver.answer = () => 200;
    receiver.received.length = 0;
    await receiver.revive();
    await untilSo(office.deliver(), nothingWaits);
    expect(receiver.received.map(({ id }) => id)).toEqual([bad, later]);
  });
});

test("an address that is not public gets nothing, and its deliveries say why", async () => {
  await office.register("hook", receiver.url);
  await office.register("metadata", "http://169.254.169.254/latest/meta-data/");
  await office.tell("lot");
  await untilSo(office.deliver({ policy: addressPolicy("") }), nothingWaits);
  expect(receiver.received).toEqual([]);
  expect((await office.rows()).map(({ error }) => error)).toEqual([
    "the endpoint's URL leads to 127.0.0.1, which is not a public address",
    "the endpoint's URL leads to 169.254.169.254, which is not a public address",
  ]);
});

test("an endpoint that hangs holds up neither another endpoint nor the stop of a core", async () => {
  const healthy = await startReceiver();
  await office.register("a-hangs", receiver.url);
  await office.register("b-healthy", healthy.url);
  receiver.answer = () => "hang";
  const deliverer = office.deliver({ timeoutMs: 60_000 });
  for (const shard of office.shards) await pauseEndpoint(shard, "b-healthy", true);
  for (const auctionId of AUCTIONS) await office.tell(auctionId, 3);
  await untilSo(deliverer, () => receiver.received.length === 8);
  // The same events that hang on their way to the one are due to the other now.
  const startedMs = Date.now();
  for (const shard of office.shards) await pauseEndpoint(shard, "b-healthy", false);
  await untilSo(deliverer, () => healthy.taken.length === 36);
  // Far below the patience with the one that hangs, which has no more places than its own.
  expect(Date.now() - startedMs).toBeLessThan(15_000);
  expect(receiver.received).toHaveLength(8);
  const stoppedMs = Date.now();
  await deliverer.stop();
  expect(Date.now() - stoppedMs).toBeLessThan(10_000);
  // What had no answer counts as never tried.
  expect(
    (await office.rows()).every(({ endpoint, attempts }) => endpoint === "a-hangs" && attempts === 0),
  ).toBe(true);
  await healthy.die();
});

test("a failing endpoint is tried with one delivery at a time, and its auctions all come through when it is back", async () => {
  await office.register("hook", receiver.url);
  let [now, most] = [0, 0];
  receiver.answer = async () => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setTimeout(resolve, 20));
    now--;
    return 503;
  };
  for (const auctionId of AUCTIONS) await office.tell(auctionId);
  const deliverer = office.deliver({ retry: { attempts: 100, firstBackoffMs: 50 } });
  await untilSo(deliverer, () => receiver.received.length >= 8);
  most = 0;
  await untilSo(deliverer, () => receiver.received.length >= 20);
  expect(most).toBe(1);
  receiver.answer = () => 200;
  await untilSo(deliverer, nothingWaits);
  expect(receiver.taken).toHaveLength(AUCTIONS.length);
});

test("a paused endpoint's events wait for it, a removed one's are gone with it", async () => {
  await office.register("hook", receiver.url);
  for (const shard of office.shards) await pauseEndpoint(shard, "hook", true);
  const ids = await office.tell("lot", 2);
  const deliverer = office.deliver();
  deliverer.wake();
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(receiver.received).toEqual([]);
  for (const shard of office.shards) await pauseEndpoint(shard, "hook", false);
  await untilSo(deliverer, nothingWaits);
  expect(receiver.taken.map(({ id }) => id)).toEqual(ids);
  await receiver.die();
  await office.tell("lot", 2);
  for (const shard of office.shards) await removeEndpoint(shard, "hook");
  expect(await office.rows()).toEqual([]);
});

test("two owners of the same slots, as after a takeover that one has not noticed, lose nothing and keep the order after dedupe", async () => {
  await office.register("hook", receiver.url);
  receiver.answer = ({ id }) => ({ status: 200, afterMs: id.length % 5 });
  const [one, other] = [office.deliver(), office.deliver()];
  const told = new Map<string, string[]>();
  for (let round = 0; round < 4; round++)
    for (const auctionId of AUCTIONS)
      told.set(auctionId, [...(told.get(auctionId) ?? []), ...(await office.tell(auctionId, 2))]);
  await untilSo(one, () => {
    other.wake();
    return nothingWaits();
  });
  expect(byAuction(receiver.taken)).toEqual(told);
  expect(await office.rows()).toEqual([]);
});
