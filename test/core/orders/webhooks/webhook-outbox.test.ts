import { jetstream } from "@nats-io/jetstream";
import { createNoopMeter } from "@opentelemetry/api";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { systemClock } from "../../../../core/clock.ts";
import { createLog } from "../../../../core/log.ts";
import { type Dispatcher, startDispatcher } from "../../../../core/orders/dispatcher.ts";
import { addressPolicy } from "../../../../core/orders/webhooks/public-address.ts";
import {
  startWebhookDeliverer,
  type WebhookDeliverer,
} from "../../../../core/orders/webhooks/webhook-deliverer.ts";
import { newWebhookSecret } from "../../../../core/orders/webhooks/webhook-signature.ts";
import { systemResolve } from "../../../../core/orders/webhooks/webhook-target.ts";
import type { Instance } from "../../../../core/sequencer/instance.ts";
import { createStore } from "../../../../core/shards/store.ts";
import { addEndpoint } from "../../../../core/shards/webhook-endpoints.ts";
import { createCoreMetrics } from "../../../../core/telemetry/core-metrics.ts";
import { auctionIdFor } from "../../../../shared/ids.ts";
import { alice, bid, bob, carol, create, manage, sam, sealedTerms } from "../../../support/builders.ts";
import { type SequencerCluster, startSequencerCluster, until } from "../../sequencer/cluster.ts";
import { soldTwice, STORY } from "./sold-twice.ts";
import { byAuction, type Receiver, startReceiver } from "./webhook-receiver.ts";

let cluster: SequencerCluster;
let instance: Instance;
let receiver: Receiver;
let running: { dispatcher: Dispatcher; deliverer: WebhookDeliverer };
beforeAll(async () => {
  cluster = await startSequencerCluster();
  instance = await cluster.startInstance("tells");
});
afterAll(() => cluster.close());
beforeEach(async () => {
  receiver = await startReceiver();
  const endpoint = { url: receiver.url, secret: newWebhookSecret(), sellerId: null, paused: false };
  for (const shard of cluster.shards) await addEndpoint(shard, { ...endpoint, endpointId: "hook" });
  running = startDelivering();
});
afterEach(async () => {
  await running.dispatcher.stop();
  await running.deliverer.stop();
  for (const { sql } of cluster.shards) await sql`delete from webhook_endpoints`;
  await receiver.die();
});

/** As `main.ts` puts them together. */
function startDelivering(): typeof running {
  const slotsOf = instance.slotsOf;
  const metrics = createCoreMetrics(createNoopMeter());
  const log = createLog({}, (line) => cluster.logged.push(line));
  const common = { slotsOf, metrics, log, clock: systemClock };
  const deliverer = startWebhookDeliverer({
    ...common,
    shards: cluster.shards,
    policy: addressPolicy("loopback"),
    resolve: systemResolve,
    random: Math.random,
    retry: { attempts: 12, firstBackoffMs: 50 },
    timeoutMs: 5_000,
  });
  const stores = cluster.shards.map(createStore);
  const js = jetstream(cluster.nc);
  const dispatcher = startDispatcher({ ...common, js, stores, onLeft: deliverer.wake });
  return { dispatcher, deliverer };
}

const rowsLeft = async (): Promise<number> => {
  const counts = await Promise.all(
    cluster.shards.map(
      ({ sql }) => sql<{ n: number }[]>`
        select ((select count(*) from outbox) + (select count(*) from webhook_deliveries))::int as n`,
    ),
  );
  return counts.reduce((sum, [row]) => sum + (row?.n ?? 0), 0);
};

const told = (auctionId: string): string[] =>
  (byAuction(receiver.taken).get(auctionId) ?? []).map((id) => id.slice(auctionId.length + 1));

test("what is decided in the log reaches the endpoint, in order, and leaves nothing behind", async () => {
  const auctions = await Promise.all(["lot-a", "lot-b", "lot-c"].map((key) => soldTwice(cluster, key)));
  await until(async () => (await rowsLeft()) === 0);
  for (const auctionId of auctions) expect(told(auctionId)).toEqual(STORY);
});

test("an event leaves the outbox and becomes a delivery at once, or not at all (I1)", async () => {
  for (const { sql } of cluster.shards) {
    await sql`
      create function refuse() returns trigger language plpgsql as $$ begin raise 'no room for deliveries'; end $$`;
    await sql`create trigger refuse before insert on webhook_deliveries execute function refuse()`;
  }
  const auctionId = await soldTwice(cluster, "lot-d");
  await until(() => cluster.logged.some((line) => line.includes("no room for deliveries")));
  const { sql } = cluster.home(auctionId);
  const waiting = await sql`select 1 from outbox where auction_id = ${auctionId}`;
  expect(waiting).toHaveLength(STORY.length);
  for (const shard of cluster.shards) await shard.sql`drop function refuse cascade`;
  await until(async () => (await rowsLeft()) === 0);
  expect(told(auctionId)).toEqual(STORY);
});

test("what was secret in a sealed auction is in no webhook: neither the winner's amount nor the losers' (I10)", async () => {
  const auctionId = auctionIdFor(sam, "sealed");
  const terms = sealedTerms({ pricing: "second", reservePrice: 300_007, endsAt: Date.now() + 600_000 });
  await cluster.append(auctionId, [create(terms, "sealed")]);
  const amounts = [911_119, 700_001, 611_116];
  const bids = [alice, bob, carol].map((bidder, i) => bid(bidder, amounts[i] ?? 0));
  await cluster.append(auctionId, bids);
  await cluster.append(auctionId, [manage(sam, "seller", { action: "end", reason: "sold" })]);
  await until(() => receiver.taken.length === 1);
  const [{ body } = { body: "" }] = receiver.taken;
  // The second price is what the winner pays, and so what the seller must be told.
  expect(JSON.parse(body)).toMatchObject({ order: { bidderId: alice, unitPrice: 700_001 } });
  expect(body).not.toMatch(/911119|611116|300007|bob|carol/);
  expect(cluster.logged.join("\n")).not.toMatch(/911119|700001|611116/);
});
