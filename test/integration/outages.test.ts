import { expect, test } from "vitest";
import { createAuction, edgeOf, placeBid, request, tokenFor } from "../support/client.ts";
import { eventually } from "../support/eventually.ts";
import { useStack } from "../support/stack.ts";

const stack = useStack({ cores: 1, onDeath: () => {} });

/** What a user would call "by itself". */
const PATIENCE_MS = 15_000;

test("without Redis bids are decided as ever", async () => {
  const edge = edgeOf(stack());
  const auction = await createAuction(edge);
  const token = await tokenFor(edge, "alice", "bidder");
  await stack().redis.stop();
  try {
    for (let amount = 1_000; amount < 2_000; amount += 100) {
      expect(await placeBid(edge, auction.id, { token, amount })).toMatchObject({
        status: 201,
        body: { price: amount },
      });
    }
    const read = await request(edge, `/v1/auctions/${auction.id}`);
    expect(read).toMatchObject({ status: 200, body: { price: 1_900 } });
  } finally {
    await stack().redis.start();
  }
});

test("without the broker a bid is refused with 503 and Retry-After, and works again by itself (I12)", async () => {
  const edge = edgeOf(stack());
  const auction = await createAuction(edge);
  const token = await tokenFor(edge, "alice", "bidder");
  expect((await placeBid(edge, auction.id, { token, amount: 1_000 })).status).toBe(201);
  await stack().nats.stop();
  const refused = await placeBid(edge, auction.id, { token, amount: 1_100 });
  expect(refused).toMatchObject({
    status: 503,
    body: { reason: expect.stringMatching(/^(not_queued|outcome_unknown)$/) },
  });
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  await stack().nats.start();
  const again = await eventually(
    () => placeBid(edge, auction.id, { token, amount: 5_000, key: "again" }),
    ({ status }) => status < 500,
    PATIENCE_MS,
  );
  expect(again).toMatchObject({ status: 201, body: { outcome: "accepted", price: 5_000 } });
});

test("without a core bids still queue, and are decided in their order when it returns (I1, I15)", async () => {
  const edge = edgeOf(stack());
  const auction = await createAuction(edge);
  const token = await tokenFor(edge, "alice", "bidder");
  expect((await placeBid(edge, auction.id, { token, amount: 1_000 })).status).toBe(201);
  await stack().core[0]?.kill("SIGKILL");

  const pending: string[] = [];
  for (let amount = 1_100; amount <= 1_500; amount += 100) {
    const queued = await placeBid(edge, auction.id, { token, amount, prefer: "respond-async" });
    expect(queued).toMatchObject({ status: 202, body: { outcome: "pending" } });
    const location = queued.headers.get("location") ?? "";
    expect(location.startsWith(`/v1/auctions/${auction.id}/bids/${String(queued.body["bidId"])}`)).toBe(true);
    // Nobody can say now whether it is decided, and the edge does not pretend to know.
    expect(await request(edge, location)).toMatchObject({ status: 503, body: { reason: "unavailable" } });
    pending.push(location);
  }
  const waiting = await placeBid(edge, auction.id, { token, amount: 1_600, prefer: "wait=1" });
  expect(waiting).toMatchObject({ status: 202, body: { outcome: "pending" } });
  pending.push(waiting.headers.get("location") ?? "");

  await stack().core[0]?.start();
  const decided = [];
  for (const target of pending) {
    decided.push(
      await eventually(
        () => request(edge, target),
        ({ body }) => body["outcome"] === "accepted",
        PATIENCE_MS,
      ),
    );
  }
  expect(decided.map(({ body }) => body["outcome"])).toEqual(pending.map(() => "accepted"));
  const sequences = decided.map(({ body }) => Number(body["seq"]));
  expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
});
