import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { createNoopMeter } from "@opentelemetry/api";
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../../../core/clock.ts";
import { createLog } from "../../../core/log.ts";
import { type Dispatcher, type DispatcherDeps, startDispatcher } from "../../../core/orders/dispatcher.ts";
import type { Instance } from "../../../core/sequencer/instance.ts";
import { createStore } from "../../../core/shards/store.ts";
import { createCoreMetrics } from "../../../core/telemetry/core-metrics.ts";
import { type OrderEvent, orderEventSchema } from "../../../shared/orders.ts";
import { slotOf } from "../../../shared/slots.ts";
import { ORDERS_STREAM, orderSubject } from "../../../shared/subjects.ts";
import { type SequencerCluster, SLOTS, startSequencerCluster, until } from "../sequencer/cluster.ts";
import { soldTwice, STORY } from "./webhooks/sold-twice.ts";

let cluster: SequencerCluster;
let instance: Instance;
beforeAll(async () => {
  cluster = await startSequencerCluster();
  instance = await cluster.startInstance("dispatching");
}, 60_000);
afterAll(async () => cluster.close(), 30_000);

function dispatcher(js: DispatcherDeps["js"] = jetstream(cluster.nc)): Dispatcher {
  return startDispatcher({
    js,
    stores: cluster.shards.map(createStore),
    clock: systemClock,
    slotsOf: (shard) => instance.slotsOf(shard),
    metrics: createCoreMetrics(createNoopMeter()),
    log: createLog({}, (line) => cluster.logged.push(line)),
  });
}

/** What the stream holds of an auction's orders, in its order. */
async function eventsOf(auctionId: string): Promise<OrderEvent[]> {
  const jsm = await jetstreamManager(cluster.nc);
  const events: OrderEvent[] = [];
  const subject = orderSubject(slotOf(auctionId, SLOTS), auctionId);
  for (let seq = 1; ;) {
    const message = await jsm.direct.getMessage(ORDERS_STREAM, { seq, next_by_subj: subject });
    if (message === null) return events;
    events.push(orderEventSchema.parse(message.json()));
    seq = message.seq + 1;
  }
}

const waiting = async (): Promise<number> => {
  const counts = await Promise.all(
    cluster.shards.map(({ sql }) => sql<{ n: number }[]>`select count(*)::int as n from outbox`),
  );
  return counts.reduce((sum, [row]) => sum + (row?.n ?? 0), 0);
};

const changes = (auctionId: string, events: readonly OrderEvent[]): string[] =>
  events.map((event) => event.id.slice(auctionId.length + 1));

test("every change of an order leaves once, in order, and the outbox is empty then (I1)", async () => {
  const auctionId = await soldTwice(cluster, "lot-a");
  expect(await waiting()).toBeGreaterThan(0);
  const running = dispatcher();
  await until(async () => (await waiting()) === 0);
  await running.stop();
  const events = await eventsOf(auctionId);
  expect(changes(auctionId, events)).toEqual(STORY);
  expect(events.map((event) => event.order.bidderId)).toEqual(["ada", "ada", "bea", "bea"]);
  expect(events.map((event) => event.type)).toEqual([
    "order.pending",
    "order.released",
    "order.pending",
    "order.confirmed",
  ]);
});

test("what a dispatcher published and could not note is not stored twice (I1)", async () => {
  const auctionId = await soldTwice(cluster, "lot-b");
  const js = jetstream(cluster.nc);
  // As a predecessor that died between the stream's answer and the deletion leaves it.
  for (const { sql } of cluster.shards) {
    const rows = await sql<{ event_id: string; slot: number; auction_id: string; payload: string }[]>`
      select event_id, slot, auction_id, payload::text as payload from outbox order by seq, place limit 2`;
    for (const row of rows)
      await js.publish(orderSubject(row.slot, row.auction_id), row.payload, { msgID: row.event_id });
  }
  const running = dispatcher();
  await until(async () => (await waiting()) === 0);
  await running.stop();
  expect(changes(auctionId, await eventsOf(auctionId))).toEqual(STORY);
});

test("after a refused publish the rest waits behind it, and leaves in order when the stream takes it again", async () => {
  const js = jetstream(cluster.nc);
  let refusals = 3;
  const failing: DispatcherDeps["js"] = {
    publish: async (...args) => {
      if (refusals-- > 0) throw new Error("the stream does not answer");
      return js.publish(...args);
    },
  };
  const auctionId = await soldTwice(cluster, "lot-c");
  const running = dispatcher(failing);
  await until(async () => {
    running.wake();
    return (await waiting()) === 0;
  });
  await running.stop();
  expect(changes(auctionId, await eventsOf(auctionId))).toEqual(STORY);
  expect(cluster.logged.join("\n")).toContain("order events wait in the outbox");
});
