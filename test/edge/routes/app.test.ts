import { beforeEach, describe, expect, test } from "vitest";
import { commandSchema } from "../../../shared/commands.ts";
import { auctionIdFor } from "../../../shared/ids.ts";
import { openAuction, outcomeAt } from "../builders.ts";
import { edgeIn, newWorld, refusal, type World } from "./edge-under-test.ts";

let world: World;
beforeEach(() => {
  world = newWorld();
});

describe("POST an auction", () => {
  const terms = {
    format: "english",
    title: "A lamp",
    currency: "EUR",
    startPrice: 100,
    increment: 10,
    endsAt: 2_000_000_000_000,
  };
  const creating = (body: object = terms, role = "seller") =>
    edgeIn(world).request("/v1/auctions", {
      method: "POST",
      headers: { authorization: `Bearer sally:${role}`, "idempotency-key": "a1" },
      body: JSON.stringify(body),
    });

  test("names the auction by seller and key, and answers with its view", async () => {
    world.reply = { kind: "decided", outcome: outcomeAt(0, { kind: "create" }), auction: openAuction() };
    const response = await creating();
    const auctionId = auctionIdFor("sally", "a1");
    expect(response.status).toBe(201);
    expect(response.headers.get("location")).toBe(`/v1/auctions/${auctionId}`);
    expect(await response.json()).toEqual(openAuction());
    expect(world.submitted[0]?.auctionId).toBe(auctionId);
    expect(commandSchema.parse(JSON.parse(world.submitted[0]?.request.command ?? ""))).toMatchObject({
      type: "create",
      sellerId: "sally",
      body: terms,
    });
  });

  test.each([
    { ...terms, reservePrice: 200, buyNowPrice: 900, softClose: { windowMs: 1_000, extendMs: 1_000 } },
    {
      format: "dutch",
      title: "Tulips",
      currency: "EUR",
      startPrice: 90,
      floorPrice: 20,
      stepAmount: 1,
      stepMs: 100,
    },
    { format: "sealed", title: "A licence", currency: "JPY", pricing: "second", endsAt: 2_000_000_000_000 },
    { format: "drop", title: "Sneakers", currency: "KWD", price: 18, units: 7, endsAt: 2_000_000_000_000 },
  ])("hands over the terms of a $format, with salts that nobody can guess", async (body) => {
    world.reply = { kind: "decided", outcome: outcomeAt(0, { kind: "create" }), auction: openAuction() };
    await creating(body);
    await creating(body);
    const [first, second] = world.submitted.map(({ request }) =>
      commandSchema.parse(JSON.parse(request.command)),
    );
    if (first?.type !== "create" || second?.type !== "create") throw new Error("not created");
    expect(first.body).toEqual(body);
    const salts = [first.aliasSalt, first.secretSalt, second.aliasSalt, second.secretSalt];
    expect(new Set(salts).size).toBe(4);
    expect(salts).not.toContain(undefined);
  });

  test("a retry, whose result carries no view, asks the core for it", async () => {
    world.reply = { kind: "decided", outcome: outcomeAt(0, { kind: "create", duplicate: true }) };
    world.answers.auction = { auction: openAuction({ version: 5 }), leaderboard: [] };
    expect(await (await creating()).json()).toMatchObject({ version: 5 });
  });

  test("is for sellers, and its fields at fault are named", async () => {
    expect(await refusal(creating(terms, "bidder"))).toBe("403 forbidden");
    const response = await creating({ ...terms, currency: "XXXX" });
    expect(await response.json()).toMatchObject({ status: 422, errors: [{ pointer: "/currency" }] });
  });
});

describe("reading", () => {
  const get = (path: string, headers: Record<string, string> = {}) =>
    edgeIn(world).request(path, { headers });

  test("an auction comes from the read model, without the core", async () => {
    world.cached = openAuction({ version: 4 });
    const response = await get("/v1/auctions/auction-1");
    expect(await response.json()).toEqual(world.cached);
    expect(response.headers.get("etag")).toBe('"4"');
    expect((await get("/v1/auctions/auction-1", { "if-none-match": '"4"' })).status).toBe(304);
  });

  test("a version that the read model does not have yet comes from the core", async () => {
    world.cached = openAuction({ version: 4 });
    world.answers.auction = { auction: openAuction({ version: 5 }), leaderboard: [] };
    expect(await (await get("/v1/auctions/auction-1?minVersion=5")).json()).toMatchObject({ version: 5 });
  });

  test("an auction that nobody knows is a 404, a core that does not answer a 503", async () => {
    expect(await refusal(get("/v1/auctions/auction-1"))).toBe("503 unavailable");
    world.answers.auction = null;
    expect(await refusal(get("/v1/auctions/auction-1"))).toBe("404 auction_not_found");
    expect(await refusal(get("/v1/auctions/auction-1/leaderboard"))).toBe("404 auction_not_found");
  });

  test("a bid is shown without its bidder's name and key", async () => {
    world.answers.bid = { outcome: outcomeAt(0), bidder: "b-1", version: 2 };
    const bid = await (await get("/v1/auctions/auction-1/bids/bid-0")).json();
    expect(bid).toMatchObject({ bidId: "bid-0", bidder: "b-1", outcome: "accepted" });
    expect(bid).not.toHaveProperty("actorId");
    expect(bid).not.toHaveProperty("key");
  });

  test("an undecided bid is pending for whoever knows its sequence", async () => {
    world.answers.bid = { outcome: null, bidder: null, version: 2 };
    expect(await (await get("/v1/auctions/auction-1/bids/bid-0?seq=9")).json()).toEqual({
      bidId: "bid-0",
      outcome: "pending",
      seq: 9,
      version: 2,
    });
    expect(await refusal(get("/v1/auctions/auction-1/bids/bid-0"))).toBe("404 bid_not_found");
  });

  test("lists check what they are asked", async () => {
    world.answers.auctions = { auctions: [openAuction()] };
    expect((await get("/v1/auctions?status=open&limit=10")).status).toBe(200);
    expect((await get("/v1/auctions?format=drop&status=cancelled")).status).toBe(200);
    expect(world.asked.at(-1)?.request).toEqual({
      format: "drop",
      status: "cancelled",
      sort: "ending",
      limit: 50,
    });
    expect(await refusal(get("/v1/auctions?format=candle"))).toBe("422 invalid_request");
    expect(await refusal(get("/v1/auctions?colour=red"))).toBe("422 invalid_request");
    expect(await refusal(get("/v1/auctions?limit=201"))).toBe("422 invalid_request");
    expect(await refusal(get("/v1/auctions?status=lost"))).toBe("422 invalid_request");
  });

  test("what is not there is a problem, too", async () => {
    expect(await refusal(get("/v2/nothing"))).toBe("404 route_not_found");
    expect(await refusal(get("/v1/auctions/auction-1/live"))).toBe("422 invalid_request");
  });
});

describe("browsers", () => {
  test("a page of any origin may ask first, and read the headers that it needs", async () => {
    const preflight = await edgeIn(world).request("/v1/auctions", {
      method: "OPTIONS",
      headers: { origin: "https://shop.example" },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-headers")).toContain("idempotency-key");
    world.cached = openAuction();
    const response = await edgeIn(world).request("/v1/auctions/auction-1", {
      headers: { origin: "https://shop.example" },
    });
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(response.headers.get("access-control-expose-headers")).toContain("etag");
  });
});
