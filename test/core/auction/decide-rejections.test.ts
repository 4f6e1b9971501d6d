import { describe, expect, test } from "vitest";
import type { Command } from "../../../shared/commands.ts";
import type { ManageBody } from "../../../shared/manage.ts";
import { type RejectionReason, rejections } from "../../../shared/outcomes.ts";
import { auctionLog } from "../../support/auction-log.ts";
import {
  alice,
  bid,
  bidOf,
  bob,
  buyNow,
  carol,
  claim,
  create,
  dropTerms,
  dutchTerms,
  manage,
  olga,
  orderId,
  proxyBid,
  RUN_MS,
  sam,
  START_MS,
  tick,
} from "../../support/builders.ts";

const ENDS_MS = START_MS + RUN_MS;
const byOperator = (body: ManageBody) => manage(olga, "operator", body);
const cancel: ManageBody = { action: "cancel", reason: "damaged" };
const release = byOperator({ action: "release", orderId: orderId(1) });
const secondChance = byOperator({ action: "second_chance", orderId: orderId(1) });
const changeEnd = (endsAt: number) => byOperator({ action: "change_end", endsAt, reason: "a holiday" });
const retractAlice = byOperator({ action: "retract", bidId: "b", bidderId: alice, reason: "an error" });

/** What comes before, and the command that is refused; `atMs` is the moment of the latter. */
interface Example {
  readonly given: readonly Command[];
  /** No schema lets `undefined` in: it stands for what cannot be read. */
  readonly refused: Command | undefined;
  readonly atMs?: number;
}

const oneUnit = create(dropTerms({ units: 1 }));

/** For each reason there is, the shortest story that ends with it. A new reason does not compile until it has one. */
const examples: Record<RejectionReason, Example> = {
  auction_not_found: { given: [], refused: bid(alice, 1_000) },
  auction_exists: { given: [create()], refused: create({}, "another-key") },
  auction_not_started: { given: [create({ startsAt: START_MS + 1 })], refused: bid(alice, 1_000) },
  auction_closed: { given: [create()], refused: bid(alice, 1_000), atMs: ENDS_MS },
  auction_cancelled: { given: [create(), byOperator(cancel)], refused: bid(alice, 1_000) },
  self_bid: { given: [create()], refused: bid(sam, 1_000) },
  bidder_blocked: {
    given: [create(), byOperator({ action: "block", bidderId: alice, reason: "chargebacks" })],
    refused: bid(alice, 1_000),
  },
  bid_not_for_format: { given: [create()], refused: claim(alice, { quantity: 2 }) },
  bid_too_low: { given: [create()], refused: bid(alice, 999) },
  maximum_not_raised: { given: [create(), proxyBid(alice, 2_000)], refused: proxyBid(alice, 2_000) },
  buy_now_unavailable: { given: [create()], refused: buyNow(alice) },
  price_moved: { given: [create(dutchTerms())], refused: bid(alice, 999) },
  not_enough_units: {
    given: [create(dropTerms({ units: 1, perBidder: 2 }))],
    refused: claim(alice, { quantity: 2 }),
  },
  sold_out: { given: [oneUnit, claim(alice)], refused: claim(bob) },
  limit_reached: { given: [oneUnit], refused: claim(alice, { quantity: 2 }) },
  not_permitted: { given: [create()], refused: manage(alice, "bidder", cancel) },
  has_bids: { given: [create(), bid(alice, 1_000)], refused: changeEnd(ENDS_MS + 1) },
  end_not_in_future: { given: [create()], refused: changeEnd(START_MS) },
  no_such_standing_bid: { given: [create()], refused: retractAlice },
  not_for_format: { given: [oneUnit, claim(alice)], refused: retractAlice },
  order_not_found: { given: [create()], refused: release },
  order_not_pending: { given: [oneUnit, claim(alice), release], refused: { ...release, key: "again" } },
  order_not_passed_over: {
    given: [create({ buyNowPrice: 5_000 }), buyNow(alice)],
    refused: secondChance,
  },
  no_runner_up: { given: [create({ buyNowPrice: 5_000 }), buyNow(alice), release], refused: secondChance },
  ends_in_the_past: { given: [], refused: create({ endsAt: START_MS }) },
  soft_close_too_long: {
    given: [],
    refused: create({ softClose: { windowMs: RUN_MS + 1, extendMs: 1_000 } }),
  },
  idempotency_key_reused: { given: [create(), bid(alice, 1_000, "k")], refused: bid(alice, 2_000, "k") },
  internal_error: { given: [create()], refused: undefined },
};

describe("every reason to refuse (I12)", () => {
  test.each(Object.keys(rejections) as RejectionReason[])("%s is told where it applies", (reason) => {
    const { given, refused, atMs = START_MS } = examples[reason];
    const log = auctionLog();
    if (given.length > 0) {
      const before = log.append(given, START_MS).decision.entries;
      expect(before.map(({ outcome }) => outcome)).toEqual(before.map(() => "accepted"));
    }
    const versionBefore = log.auction()?.version ?? 0;
    const { decision } = log.append([refused ?? null], atMs);
    expect(decision.entries).toMatchObject([{ outcome: "rejected", reason }]);
    // A refusal changes nothing but what was due anyway.
    if (atMs === START_MS) expect(log.auction()?.version ?? 0).toBe(versionBefore);
  });

  test("has a text for people, which ends no sentence and no other reason has", () => {
    const texts = Object.values(rejections);
    expect(new Set(texts).size).toBe(texts.length);
    for (const text of texts) expect(text).toMatch(/^[A-Z].*[^.]$/);
  });

  test("has an outcome for its asker, which the rest of the envelope does not notice", () => {
    const log = auctionLog();
    log.append([create()], START_MS);
    const { result } = log.append(
      [bid(alice, 999), bidOf(bob, { quantity: 1 }), bid(carol, 1_000), tick],
      START_MS,
    );
    expect(result.outcomes).toMatchObject([
      { actorId: alice, outcome: "rejected", reason: "bid_too_low", minimumBid: 1_000, version: 1 },
      { actorId: bob, outcome: "rejected", reason: "bid_not_for_format", field: "/quantity", version: 1 },
      { actorId: carol, outcome: "accepted", leading: true, version: 2 },
    ]);
  });
});
