import { describe, expect, test } from "vitest";
import { problemTypes } from "../../../edge/problem-types.ts";
import { rejections, type Outcome, type RejectionReason } from "../../../shared/outcomes.ts";
import { edgeReasons } from "../../../shared/problem.ts";
import { outcomeAt } from "../builders.ts";
import { edgeIn, newWorld } from "./edge-under-test.ts";

/** Everything that is not simply a conflict with what the auction is. */
const UNUSUAL: Partial<Record<RejectionReason, number>> = {
  auction_not_found: 404,
  order_not_found: 404,
  not_permitted: 403,
  idempotency_key_reused: 422,
  bid_not_for_format: 422,
  ends_in_the_past: 422,
  end_not_in_future: 422,
  soft_close_too_long: 422,
};

async function refusedWith(outcome: Partial<Outcome>): Promise<{ status: number; body: unknown }> {
  const world = newWorld();
  world.reply = { kind: "decided", outcome: outcomeAt(0, { outcome: "rejected", ...outcome }) };
  const response = await edgeIn(world).request("/v1/auctions/auction-1/bids", {
    method: "POST",
    headers: { authorization: "Bearer bob:bidder", "idempotency-key": "k" },
    body: '{"amount":100}',
  });
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  return { status: response.status, body: await response.json() };
}

describe("a refusal that the log decided (I12)", () => {
  test.each(Object.keys(rejections) as RejectionReason[])(
    "%s has its status and its type",
    async (reason) => {
      const { status, body } = await refusedWith({ reason });
      expect(status).toBe(UNUSUAL[reason] ?? 409);
      expect(body).toMatchObject({
        type: `/docs/problems#${reason}`,
        title: rejections[reason],
        status,
        reason,
        outcome: "rejected",
        seq: 7,
        index: 0,
        version: 2,
        at: 5_000,
      });
      expect(body).not.toHaveProperty("actorId");
    },
  );

  test.each<[RejectionReason, string]>([
    ["idempotency_key_reused", "Idempotency-Key"],
    ["ends_in_the_past", "/endsAt"],
    ["end_not_in_future", "/endsAt"],
    ["soft_close_too_long", "/softClose/windowMs"],
  ])("%s names the field %s", async (reason, pointer) => {
    const { body } = await refusedWith({ reason });
    expect(body).toMatchObject({ errors: [{ pointer, message: rejections[reason] }] });
  });

  test("a bid that does not fit the format names the field that the log named", async () => {
    const { body } = await refusedWith({ reason: "bid_not_for_format", field: "/quantity" });
    expect(body).toMatchObject({
      errors: [{ pointer: "/quantity", message: rejections.bid_not_for_format }],
    });
  });

  test.each<[RejectionReason, Partial<Outcome>]>([
    ["bid_too_low", { minimumBid: 120 }],
    ["price_moved", { price: 4_000 }],
    ["not_enough_units", { remaining: 2 }],
    ["sold_out", { waitlist: true }],
    ["limit_reached", { limit: 2 }],
  ])("%s carries what was decided with it", async (reason, detail) => {
    const { body } = await refusedWith({ reason, ...detail });
    expect(body).toMatchObject(detail);
    expect(body).not.toHaveProperty("errors");
  });
});

test("the table of problem types has every reason of the edge and of the log, each status once", () => {
  const reasons = new Set(problemTypes.map(({ reason }) => reason));
  expect(reasons).toEqual(new Set([...Object.keys(edgeReasons), ...Object.keys(rejections)]));
  const rows = problemTypes.map(({ reason, status }) => `${status} ${reason}`);
  expect(new Set(rows).size).toBe(rows.length);
});
