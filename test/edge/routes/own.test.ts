import { beforeEach, describe, expect, test } from "vitest";
import { orderPageSchema, ownBidPageSchema } from "../../../edge/web/reply-schemas.ts";
import type { Order } from "../../../shared/orders.ts";
import type { OwnBid } from "../../../shared/queries.ts";
import { edgeIn, newWorld, refusal, type World } from "./edge-under-test.ts";

let world: World;
beforeEach(() => {
  world = newWorld();
});

const get = (path: string, token?: string) =>
  edgeIn(world).request(path, { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } });

const order: Order = {
  orderId: "auction-1-1",
  auctionId: "auction-1",
  bidderId: "bob",
  status: "pending",
  source: "close",
  quantity: 1,
  unitPrice: 100,
  amount: 100,
  currency: "EUR",
  createdAt: 1,
  updatedAt: 1,
  expiresAt: null,
};

const standing: OwnBid = {
  auctionId: "auction-1",
  title: "A lamp",
  format: "english",
  status: "open",
  currency: "EUR",
  endsAt: 9,
  price: 100,
  amount: 300,
  leading: true,
  at: 5,
};

describe("GET an auction's orders", () => {
  const path = "/v1/auctions/auction-1/orders";
  beforeEach(() => {
    world.answers.orders = { sellerId: "sally", orders: [order], nextCursor: "next" };
  });

  test.each(["sally:seller", "olga:operator", "sally:bidder,seller", "other:seller,operator"])(
    "is for its seller and for operators, such as %s",
    async (token) => {
      const response = await get(`${path}?status=pending&cursor=c&limit=10`, token);
      expect(response.status).toBe(200);
      expect(response.headers.get("cache-control")).toBe("no-store");
      expect(orderPageSchema.strict().parse(await response.json())).toEqual({
        orders: [order],
        nextCursor: "next",
      });
      expect(world.asked).toEqual([
        { kind: "orders", request: { auctionId: "auction-1", status: "pending", cursor: "c", limit: 10 } },
      ]);
    },
  );

  test.each(["other:seller", "bob:bidder", "sally:bidder"])("is a 403 for %s", async (token) => {
    expect(await refusal(get(path, token))).toBe("403 forbidden");
  });

  test("refuses what it cannot answer", async () => {
    expect(await refusal(get(path))).toBe("401 unauthenticated");
    expect(await refusal(get(`${path}?status=lost`, "olga:operator"))).toBe("422 invalid_request");
    world.answers.orders = null;
    expect(await refusal(get(path, "olga:operator"))).toBe("404 auction_not_found");
    delete world.answers.orders;
    expect(await refusal(get(path, "olga:operator"))).toBe("503 unavailable");
  });
});

describe.each([
  ["/v1/me/orders", "ownOrders", { orders: [order] }, orderPageSchema],
  ["/v1/me/bids", "ownBids", { bids: [standing], nextCursor: "next" }, ownBidPageSchema],
] as const)("GET %s", (path, kind, reply, schema) => {
  test("asks the core for the token's own bidder, whatever the URL says", async () => {
    world.answers[kind] = reply;
    const response = await get(`${path}?limit=5`, "bob:bidder");
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(schema.strict().parse(await response.json())).toEqual(reply);
    expect(world.asked).toEqual([{ kind, request: { bidderId: "bob", limit: 5 } }]);
    expect(await refusal(get(`${path}?bidderId=alice`, "bob:bidder"))).toBe("422 invalid_request");
  });

  test("is for bidders", async () => {
    expect(await refusal(get(path))).toBe("401 unauthenticated");
    expect(await refusal(get(path, "sally:seller"))).toBe("403 forbidden");
    expect(await refusal(get(path, "bob:bidder"))).toBe("503 unavailable");
  });
});
