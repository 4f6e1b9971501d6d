import { afterAll, beforeAll, expect, test } from "vitest";
import { isGenuine } from "../core/orders/webhooks/is-genuine.ts";
import { byAuction, type Receiver, startReceiver } from "../core/orders/webhooks/webhook-receiver.ts";
import { until } from "../core/sequencer/cluster.ts";
import { type OpsRun, runInProcess } from "../infra/ops/run-in-process.ts";
import { orderEventSchema } from "../../shared/orders.ts";
import {
  createAuction,
  edgeOf,
  englishTerms,
  manage,
  placeBid,
  settleOrder,
  tokenFor,
} from "../support/client.ts";
import { useStack } from "../support/stack.ts";

const ALLOW = { LASTCALL_WEBHOOK_ALLOW: "loopback" };

const stack = useStack({ coreEnv: { ...ALLOW, LASTCALL_WEBHOOK_BACKOFF_MS: "100" }, onDeath: () => {} });

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.die());

const ops = (...words: string[]): Promise<OpsRun> =>
  runInProcess(["webhooks", ...words], { ...ALLOW, LASTCALL_SHARDS: stack().info.shards.join(",") });

/** One bid, and the seller ends it: an order is pending. */
async function sell(): Promise<string> {
  const edge = edgeOf(stack());
  const { id } = await createAuction(edge, { terms: englishTerms() });
  const bid = await placeBid(edge, id, { token: await tokenFor(edge, "alice", "bidder"), amount: 1_000 });
  expect(bid.status).toBe(201);
  const token = await tokenFor(edge, "seller", "seller");
  expect((await manage(edge, id, "end", { token, body: { reason: "sold" } })).status).toBe(200);
  return id;
}

test("an endpoint that an operator adds hears of an order, signed, when it is placed and when it is paid", async () => {
  const { ok, stdout } = await ops("add", receiver.url, "--seller", "seller");
  expect(ok).toBe(true);
  const secret = /whsec_\S+/.exec(stdout)?.[0] ?? "";
  const auctionId = await sell();
  const orderId = `${auctionId}-1`;
  await until(() => receiver.taken.length === 1);
  const edge = edgeOf(stack());
  const token = await tokenFor(edge, "seller", "seller");
  expect((await settleOrder(edge, orderId, "confirm", { token })).status).toBe(200);
  await until(() => receiver.taken.length === 2);
  const events = receiver.taken.map(({ body }) => orderEventSchema.parse(JSON.parse(body)));
  expect(events).toMatchObject([
    { type: "order.pending", id: `${orderId}.pending`, order: { orderId, amount: 1_000, bidderId: "alice" } },
    { type: "order.confirmed", id: `${orderId}.confirmed`, order: { orderId, status: "confirmed" } },
  ]);
  for (const { body, headers } of receiver.taken)
    expect(isGenuine(secret, headers as Record<string, string>, body)).toBe(true);
  const metrics = await (await fetch(new URL("/metrics", stack().info.metrics ?? ""))).text();
  expect(metrics).toMatch(/lastcall_webhook_attempts_total\{.*outcome="delivered".*\} 2/);
});

test("a core that is killed between the endpoint's answer and its own note sends again, with the same id (I1)", async () => {
  const core = stack().core[0];
  if (core === undefined) throw new Error("no core");
  receiver.received.length = 0;
  let killed: Promise<void> | undefined;
  receiver.answer = async () => {
    // Dead before the answer arrives: the receiver has the event, Postgres does not know.
    killed ??= core.kill("SIGKILL");
    await killed;
    return 200;
  };
  const auctionId = await sell();
  await until(() => receiver.received.length === 1);
  await killed;
  await core.start();
  await until(() => receiver.received.length === 2);
  const pending = `${auctionId}-1.pending`;
  expect(byAuction(receiver.received).get(auctionId)).toEqual([pending, pending]);
  expect(receiver.received[1]?.body).toBe(receiver.received[0]?.body);
  await until(async () => (await ops("list", "--json")).stdout.includes('"waiting":0'));
});

test("a core that is told to stop does so although an endpoint hangs", async () => {
  receiver.answer = () => "hang";
  receiver.received.length = 0;
  await sell();
  await until(() => receiver.received.length === 1);
  const startedMs = Date.now();
  await stack().core[0]?.stop();
  expect(Date.now() - startedMs).toBeLessThan(10_000);
  receiver.answer = () => 200;
  await stack().core[0]?.start();
  await until(() => receiver.received.length === 2);
  expect(receiver.received[1]?.id).toBe(receiver.received[0]?.id);
});
