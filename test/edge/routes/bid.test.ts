import { beforeEach, describe, expect, test } from "vitest";
import { defaultPolicies } from "../../../edge/admission/policies.ts";
import type { GatewayReply } from "../../../edge/gateway/http-waiters.ts";
import { bidOutcomeSchema } from "../../../edge/web/reply-schemas.ts";
import { commandSchema } from "../../../shared/commands.ts";
import { bidIdFor } from "../../../shared/ids.ts";
import { problemSchema } from "../../../shared/problem.ts";
import { outcomeAt } from "../builders.ts";
import { edgeIn, newWorld, refusal, type World } from "./edge-under-test.ts";

let world: World;
beforeEach(() => {
  world = newWorld();
});

const bidding = (over: { body?: BodyInit; headers?: Record<string, string>; path?: string } = {}) =>
  edgeIn(world).request(over.path ?? "/v1/auctions/auction-1/bids", {
    method: "POST",
    headers: { authorization: "Bearer bob:bidder", "idempotency-key": "key-0", ...over.headers },
    body: over.body ?? '{"amount":100}',
  });

describe("POST a bid", () => {
  test("hands the gateway a command that the core can parse, and answers 201 with its outcome", async () => {
    const response = await bidding();
    expect(response.status).toBe(201);
    expect(await response.json()).toMatchObject({
      bidId: "bid-0",
      outcome: "accepted",
      seq: 7,
      index: 0,
      version: 2,
    });
    expect(response.headers.get("location")).toBe("/v1/auctions/auction-1/bids/bid-0");
    expect(response.headers.get("ratelimit-policy")).toBe('"user";q=60;w=3');
    const { auctionId, request } = world.submitted[0] ?? {};
    expect(auctionId).toBe("auction-1");
    expect(commandSchema.parse(JSON.parse(request?.command ?? ""))).toEqual({
      type: "bid",
      bidderId: "bob",
      key: "key-0",
      body: { amount: 100 },
    });
    expect(request?.waitMs).toBe(2_000);
  });

  test.each([
    { amount: 100, maxAmount: 300 },
    { maxAmount: 300 },
    { buyNow: true },
    { amount: 100, quantity: 3, partial: true },
    {},
    { quantity: 2, waitlist: true },
  ])("takes the bodies of every format, such as %j", async (body) => {
    expect((await bidding({ body: JSON.stringify(body) })).status).toBe(201);
    expect(JSON.parse(world.submitted[0]?.request.command ?? "")).toMatchObject({ body });
  });

  test("answers with what the log said beyond the verdict, and says who leads only where it did", async () => {
    const { leading: _leading, ...claimed } = outcomeAt(0, {
      orderId: "auction-1-7",
      quantity: 2,
      unitPrice: 50,
    });
    world.reply = { kind: "decided", outcome: claimed };
    const bid = bidOutcomeSchema.strict().parse(await (await bidding()).json());
    expect(bid).toMatchObject({ orderId: "auction-1-7", quantity: 2, unitPrice: 50 });
    expect(bid).not.toHaveProperty("leading");
  });

  test.each([
    ["malformed JSON", { body: "{" }, "400 malformed_json"],
    ["no JSON at all", { body: "" }, "400 malformed_json"],
    ["an unknown field", { body: '{"amount":100,"x":1}' }, "422 invalid_request"],
    ["a wrong type", { body: '{"amount":"100"}' }, "422 invalid_request"],
    ["a fraction", { body: '{"amount":1.5}' }, "422 invalid_request"],
    ["a maximum below the amount", { body: '{"amount":2,"maxAmount":1}' }, "422 invalid_request"],
    ["a negative amount", { body: '{"amount":-1}' }, "422 invalid_request"],
    ["an unsafe amount", { body: '{"amount":9007199254740993}' }, "422 invalid_request"],
    ["an array", { body: "[]" }, "422 invalid_request"],
    ["a body over 4 KB", { body: `{"amount":${" ".repeat(4_096)}1}` }, "413 body_too_large"],
    ["no idempotency key", { headers: { "idempotency-key": "" } }, "400 missing_idempotency_key"],
    ["a key with a slash", { headers: { "idempotency-key": "a/b" } }, "422 invalid_request"],
    ["no token", { headers: { authorization: "" } }, "401 unauthenticated"],
    ["a bad token", { headers: { authorization: "Bearer nonsense" } }, "401 unauthenticated"],
    ["the wrong role", { headers: { authorization: "Bearer bob:seller" } }, "403 forbidden"],
    ["an id with a wildcard", { path: "/v1/auctions/a*/bids" }, "404 auction_not_found"],
    ["an id with a dot", { path: "/v1/auctions/a.b/bids" }, "404 auction_not_found"],
    ["an id with a greater-than sign", { path: "/v1/auctions/a%3E/bids" }, "404 auction_not_found"],
    ["an id with NUL", { path: "/v1/auctions/a%00b/bids" }, "404 auction_not_found"],
    ["an id in unicode", { path: "/v1/auctions/%C3%A4/bids" }, "404 auction_not_found"],
    ["an id that is too long", { path: `/v1/auctions/${"a".repeat(65)}/bids` }, "404 auction_not_found"],
  ])("%s is refused with a reason, and nothing is published (I12)", async (_, over, expected) => {
    expect(await refusal(bidding(over))).toBe(expected);
    expect(world.submitted).toEqual([]);
  });

  test("a body without an announced size is counted while it is read", async () => {
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new TextEncoder().encode(" ".repeat(1_024))),
    });
    // Node wants `duplex` for a streamed body, the Workers' types do not know it.
    const streamed = {
      method: "POST",
      headers: { authorization: "Bearer bob:bidder", "idempotency-key": "k" },
      body,
      duplex: "half",
    };
    const request = new Request("http://edge/v1/auctions/auction-1/bids", streamed);
    expect(await refusal(edgeIn(world).request(request))).toBe("413 body_too_large");
  });

  test("a decided refusal is a 409 with everything that was decided", async () => {
    world.reply = {
      kind: "decided",
      outcome: outcomeAt(0, { outcome: "rejected", reason: "bid_too_low", minimumBid: 120 }),
    };
    const response = await bidding();
    const body = problemSchema.parse(await response.clone().json());
    expect(await refusal(response)).toBe("409 bid_too_low");
    expect(body).toMatchObject({ minimumBid: 120, bidId: "bid-0", seq: 7, index: 0, version: 2, at: 5_000 });
    expect(body).not.toHaveProperty("actorId");
  });

  test("a reused key is a 422", async () => {
    world.reply = {
      kind: "decided",
      outcome: outcomeAt(0, { outcome: "rejected", reason: "idempotency_key_reused" }),
    };
    expect(await refusal(bidding())).toBe("422 idempotency_key_reused");
  });

  test("a bid that only the stream has is a 202 that says where to ask", async () => {
    world.reply = { kind: "queued", seq: 9 };
    const response = await bidding({ headers: { prefer: "respond-async" } });
    const bidId = bidIdFor("auction-1", "bob", "key-0");
    expect(response.status).toBe(202);
    expect(await response.json()).toEqual({ bidId, outcome: "pending", seq: 9 });
    expect(response.headers.get("location")).toBe(`/v1/auctions/auction-1/bids/${bidId}?seq=9`);
    expect(world.submitted[0]?.request.waitMs).toBe(0);
  });

  test.each([
    ["wait=5", 5_000],
    ["wait=99", 10_000],
    ["wait=0.5", 500],
    ["wait=x", 2_000],
    ["handling=strict, wait=1", 1_000],
  ])("`Prefer: %s` waits %i ms", async (prefer, waitMs) => {
    await bidding({ headers: { prefer } });
    expect(world.submitted[0]?.request.waitMs).toBe(waitMs);
  });

  test.each<[GatewayReply, string]>([
    [{ kind: "failed", reason: "not_queued" }, "503 not_queued"],
    [{ kind: "failed", reason: "outcome_unknown" }, "503 outcome_unknown"],
    [{ kind: "unavailable" }, "503 not_queued"],
    [{ kind: "not_found" }, "404 auction_not_found"],
    [{ kind: "hopeless", reason: "auction_closed" }, "409 auction_closed"],
    [{ kind: "hopeless", reason: "auction_cancelled" }, "409 auction_cancelled"],
  ])("a gateway's %o is a %s", async (given, expected) => {
    world.reply = given;
    const response = await bidding();
    expect(await refusal(response.clone())).toBe(expected);
    if (response.status === 503) expect(response.headers.get("retry-after")).toBe("1");
  });

  test("a gateway that breaks in the middle leaves the fate unknown", async () => {
    world.reply = new Error("reset");
    expect(await refusal(bidding())).toBe("503 outcome_unknown");
  });

  test("whoever bids too fast is told when to come back", async () => {
    world.policies = {
      ...defaultPolicies,
      bid: { ...defaultPolicies.bid, user: { ratePerSecond: 0.5, burst: 1 } },
    };
    const app = edgeIn(world);
    const bid = () =>
      app.request("/v1/auctions/a/bids", {
        method: "POST",
        headers: { authorization: "Bearer bob:bidder", "idempotency-key": "k" },
        body: '{"amount":1}',
      });
    expect((await bid()).status).toBe(201);
    const response = await bid();
    expect(await refusal(response.clone())).toBe("429 rate_limited");
    expect(response.headers.get("retry-after")).toBe("2");
    expect(world.submitted).toHaveLength(1);
  });
});
