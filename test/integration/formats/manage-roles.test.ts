import { beforeAll, describe, expect, test } from "vitest";
import { problemSchema } from "../../../shared/problem.ts";
import { createAuction, englishTerms, post, request, tokenFor } from "../../support/client.ts";
import { sharedStack } from "../../support/stack.ts";
import { expectEveryDoorAgrees } from "./expect-every-door.ts";
import { type Actor, bidderNamed, openSaleroom, type Saleroom, someone } from "./saleroom.ts";
import { truthOf } from "./truth.ts";

const alice = someone("alice");
const bob = someone("bob");
const otherSeller: Actor = { id: someone("other-seller"), role: "seller" };
const buyer = bidderNamed(bob);
const stranger = bidderNamed(someone("stranger"));

let room: Saleroom;
let bidId = "";

/** Ended, bob has won, and his order waits: everything that can be asked could change something. */
beforeAll(async () => {
  room = await openSaleroom(sharedStack(), englishTerms());
  await room.bid(alice, { amount: 1_000 });
  bidId = String((await room.bid(bob, { amount: 1_100 })).body["bidId"]);
  await room.manage(room.seller, "end");
});

const reason = "for a reason";

/** Asks for an action with a body that would do; those of an order are asked of order 1. */
function ask(actor: Actor, action: string): ReturnType<Saleroom["manage"]> {
  switch (action) {
    case "retract":
      return room.manage(actor, `bids/${bidId}/retract`, { reason });
    case "block":
    case "unblock":
      return room.manage(actor, action, { reason, bidderId: alice });
    case "change-end":
      return room.manage(actor, action, { reason, endsAt: Date.now() + 7_200_000 });
    case "cancel":
    case "end":
      return room.manage(actor, action, { reason });
    default:
      return room.settle(actor, 1, action, { reason });
  }
}

/** How somebody is answered: the edge knows the roles, the log knows whose auction and order it is. */
type Answer = "may" | "forbidden" | "not_permitted";

describe("what somebody may not do is 403 and changes nothing (I12)", () => {
  test.each<[action: string, owner: Answer, otherSeller: Answer, buyer: Answer, stranger: Answer]>([
    ["cancel", "may", "not_permitted", "forbidden", "forbidden"],
    ["end", "may", "not_permitted", "forbidden", "forbidden"],
    ["change-end", "may", "not_permitted", "forbidden", "forbidden"],
    ["block", "forbidden", "forbidden", "forbidden", "forbidden"],
    ["unblock", "forbidden", "forbidden", "forbidden", "forbidden"],
    ["retract", "forbidden", "forbidden", "forbidden", "forbidden"],
    ["confirm", "may", "not_permitted", "forbidden", "forbidden"],
    ["second-chance", "may", "not_permitted", "forbidden", "forbidden"],
    ["release", "may", "not_permitted", "may", "not_permitted"],
    ["expire", "forbidden", "forbidden", "forbidden", "forbidden"],
  ])("%s: the owner %s, another seller %s, the buyer %s, a stranger %s", async (action, ...answers) => {
    const askers = [room.seller, otherSeller, buyer, stranger];
    for (const [i, why] of answers.entries()) {
      const asker = askers[i];
      if (why === "may" || asker === undefined) continue;
      const reply = await ask(asker, action);
      expect(reply, `to ${asker.id}`).toMatchObject({ status: 403, body: { reason: why } });
      problemSchema.parse(reply.body);
    }
    const { auction } = await truthOf(room.stack, room.id);
    expect(auction).toMatchObject({ version: 5, orders: [{ bidderId: bob, status: "pending" }] });
  });

  test("without a token it is 401", async () => {
    for (const action of ["cancel", "end", "change-end", "block", "unblock", `bids/${bidId}/retract`]) {
      const reply = await post(room.edge, `/v1/auctions/${room.id}/${action}`, { body: { reason } });
      expect(reply, `to ${action}`).toMatchObject({ status: 401, body: { reason: "unauthenticated" } });
    }
    for (const action of ["confirm", "release", "expire", "second-chance"]) {
      const reply = await post(room.edge, `/v1/orders/${room.orderId(1)}/${action}`, { body: { reason } });
      expect(reply, `to ${action}`).toMatchObject({ status: 401, body: { reason: "unauthenticated" } });
    }
  });
});

test("what is not there is 404, by its name", async () => {
  const token = await tokenFor(room.edge, room.operator.id, "operator");
  const body = { reason };
  for (const action of ["cancel", "end", "bids/none/retract"]) {
    const reply = await post(room.edge, `/v1/auctions/nowhere/${action}`, { token, body });
    expect(reply, `to ${action}`).toMatchObject({ status: 404, body: { reason: "auction_not_found" } });
  }
  const nobodys = await post(room.edge, "/v1/orders/nowhere-1/confirm", { token, body });
  expect(nobodys).toMatchObject({ status: 404, body: { reason: "auction_not_found" } });
  const retract = await room.manage(room.operator, "bids/none/retract");
  expect(retract).toMatchObject({ status: 404, body: { reason: "bid_not_found" } });
  const byBid = await room.manage(room.operator, "block", { reason, bidId: "none" });
  expect(byBid).toMatchObject({ status: 404, body: { reason: "bid_not_found" } });
  for (const orderId of [room.orderId(2), `${room.id}-0`, "no-order", `${room.id}-1x`, "%3E-1"]) {
    for (const action of ["confirm", "release", "expire", "second-chance"]) {
      const reply = await post(room.edge, `/v1/orders/${orderId}/${action}`, { token, body });
      expect(reply.status, `${orderId} ${action}`).toBe(404);
      problemSchema.parse(reply.body);
    }
  }
  const { id } = await createAuction(room.edge);
  const elsewhere = `/v1/auctions/${id}/orders/${room.orderId(1)}/confirm`;
  expect(await post(room.edge, elsewhere, { token, body })).toMatchObject({
    status: 404,
    body: { reason: "order_not_found" },
  });
});

test("an order may be reached by its auction's path, its buyer may release it, and what is settled stays so (I4)", async () => {
  const token = await tokenFor(room.edge, bob, "bidder");
  const path = `/v1/auctions/${room.id}/orders/${room.orderId(1)}/release`;
  expect(await post(room.edge, path, { token, body: {} })).toMatchObject({
    status: 200,
    body: { outcome: "accepted" },
  });
  for (const [actor, action] of [
    [room.seller, "confirm"],
    [room.operator, "expire"],
    [buyer, "release"],
  ] as const) {
    const late = await room.settle(actor, 1, action);
    expect(late, `to ${action}`).toMatchObject({ status: 409, body: { reason: "order_not_pending" } });
  }
  const operator = await tokenFor(room.edge, room.operator.id, "operator");
  // An order's own course needs no reason, and so no body.
  const second = await request(room.edge, `/v1/orders/${room.orderId(1)}/second-chance`, {
    method: "POST",
    headers: { authorization: `Bearer ${operator}` },
  });
  expect(second).toMatchObject({ status: 200, body: { orderId: room.orderId(2) } });
  expect((await room.settle(room.operator, 2, "expire")).status).toBe(200);
  const nobody = await room.settle(room.seller, 2, "second-chance");
  expect(nobody).toMatchObject({ status: 409, body: { reason: "no_runner_up" } });
  const { auction } = await expectEveryDoorAgrees(room);
  expect(auction.orders).toMatchObject([
    { bidderId: bob, status: "released" },
    { bidderId: alice, status: "expired", source: "second_chance" },
  ]);
  await room.leave();
});
