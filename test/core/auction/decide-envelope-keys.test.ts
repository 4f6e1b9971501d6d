import { describe, expect, test } from "vitest";
import type { Outcome } from "../../../shared/outcomes.ts";
import { auctionLog } from "../../support/auction-log.ts";
import {
  alice,
  bid,
  bidOf,
  bob,
  claim,
  create,
  CREATE_KEY,
  dropTerms,
  manage,
  olga,
  orderId,
  proxyBid,
  RUN_MS,
  sam,
  START_MS,
  tick,
} from "../../support/builders.ts";

const T = START_MS;

/** Both the fresh memory of one process and what a successor reads back from the database must answer alike. */
describe.each([{ forgetful: false }, { forgetful: true }])("idempotency keys (I9), $forgetful", (options) => {
  const opened = () => {
    const log = auctionLog(options);
    log.append([create()], T);
    return log;
  };

  test("the same key with the same body gets the first outcome again, marked as a duplicate", () => {
    const log = opened();
    const [first] = log.append([tick, bid(alice, 1_000, "k")], T + 1).result.outcomes;
    log.append([bid(bob, 2_000)], T + 2);
    const again = log.append([bid(alice, 1_000, "k")], T + 3);
    expect(first).toMatchObject({
      outcome: "accepted",
      seq: 2,
      index: 1,
      at: T + 1,
      version: 2,
      price: 1_000,
      leading: true,
    });
    expect(again.result.outcomes).toEqual([{ ...first, duplicate: true }]);
    expect(again.decision.entries).toMatchObject([
      { outcome: "duplicate", of: [2, 1], version: 3, price: 2_000 },
    ]);
    expect(again.result).toMatchObject({ from: 3, to: 3, events: [] });
  });

  test("the same key with another body is refused, and the first stands", () => {
    const log = opened();
    const [first] = log.append([bid(alice, 1_000, "k")], T + 1).result.outcomes;
    const reused = log.append([bid(alice, 5_000, "k")], T + 2);
    expect(reused.result.outcomes).toMatchObject([
      {
        outcome: "rejected",
        reason: "idempotency_key_reused",
        seq: 3,
        index: 0,
        at: T + 2,
        price: 1_000,
        bidId: first?.bidId,
      },
    ]);
    expect(reused.result.outcomes[0]).not.toHaveProperty("duplicate");
    expect(log.append([bid(alice, 1_000, "k")], T + 3).result.outcomes).toEqual([
      { ...first, duplicate: true },
    ]);
    expect(log.append([bid(alice, 5_000, "k")], T + 4).result.outcomes).toMatchObject([
      { reason: "idempotency_key_reused" },
    ]);
  });

  test("both hold within one envelope", () => {
    const log = opened();
    const same = [bid(alice, 1_000, "k"), bid(alice, 1_000, "k"), bid(alice, 5_000, "k"), bid(bob, 1_100)];
    const { outcomes, from, to } = log.append(same, T + 1).result;
    expect(outcomes.map(verdict)).toEqual([
      "accepted 2.0",
      "accepted 2.0 again",
      "idempotency_key_reused 2.2",
      "accepted 2.3",
    ]);
    expect([from, to]).toEqual([1, 3]);
  });

  test("the key of a rejected bid is taken too", () => {
    const log = opened();
    log.append([bid(alice, 1, "low"), bid(sam, 9_000, "self")], T + 1);
    const retries = log.append(
      [bid(alice, 1, "low"), bid(alice, 1_000, "low"), bid(sam, 9_000, "self")],
      T + 2,
    );
    expect(retries.result.outcomes.map(verdict)).toEqual([
      "bid_too_low 2.0 again",
      "idempotency_key_reused 3.1",
      "self_bid 2.1 again",
    ]);
    expect(retries.result.outcomes[0]).toMatchObject({ minimumBid: 1_000 });
  });

  test("a bid that was too low stays refused when the same one would now be welcome, and the other way round", () => {
    const log = auctionLog(options);
    log.append([bid(alice, 1_000, "early")], T);
    log.append([create(), bid(bob, 1_000, "won")], T + 1);
    const after = log.append([bid(alice, 1_000, "early"), bid(bob, 1_000, "won")], T + RUN_MS);
    expect(after.result.outcomes.map(verdict)).toEqual(["auction_not_found 1.0 again", "accepted 2.1 again"]);
  });

  test("hold for what owners and operators ask, too", () => {
    const log = opened();
    const block = (reason: string) =>
      manage(olga, "operator", { action: "block", bidderId: alice, reason }, "k");
    const cancel = manage(sam, "seller", { action: "cancel", reason: "damaged" }, "k");
    log.append([block("chargebacks"), block("chargebacks"), block("a grudge"), cancel], T + 1);
    const again = log.append([cancel, block("chargebacks"), block("a grudge")], T + 2);
    expect(log.history()[1]?.result.outcomes.map(verdict)).toEqual([
      "accepted 2.0",
      "accepted 2.0 again",
      "idempotency_key_reused 2.2",
      "accepted 2.3",
    ]);
    expect(again.result.outcomes.map(verdict)).toEqual([
      "accepted 2.3 again",
      "accepted 2.0 again",
      "idempotency_key_reused 3.2",
    ]);
    expect(again.result.outcomes).toMatchObject([{ kind: "manage", actorId: sam }, { actorId: olga }, {}]);
    expect(again.result).toMatchObject({ from: 3, to: 3, events: [] });
  });

  test("a bid and a command of the same actor may have the same key", () => {
    const log = opened();
    const release = manage(alice, "bidder", { action: "release", orderId: orderId(1) }, "k");
    const { outcomes } = log.append([bid(alice, 1_000, "k"), release], T + 1).result;
    expect(outcomes.map(verdict)).toEqual(["accepted 2.0", "not_permitted 2.1"]);
  });

  test("the first outcome comes back whole: the order, its units and when it expires", () => {
    const log = auctionLog(options);
    log.append([create(dropTerms({ holdMs: 5_000 })), claim(alice, {}, "k")], T);
    const [again] = log.append([claim(alice, {}, "k")], T + 9_000).result.outcomes;
    expect(again).toMatchObject({
      outcome: "accepted",
      duplicate: true,
      orderId: orderId(1),
      quantity: 1,
      unitPrice: 2_500,
      expiresAt: T + 5_000,
    });
    const refused = log.append([claim(alice, { quantity: 2 }, "many")], T + 9_001).result.outcomes;
    const refusedAgain = log.append([claim(alice, { quantity: 2 }, "many")], T + 9_002).result.outcomes;
    expect(refused).toMatchObject([{ reason: "limit_reached", limit: 1 }]);
    expect(refusedAgain).toEqual(refused.map((outcome) => ({ ...outcome, duplicate: true })));
  });

  test("whether a bid led is told again as it was then", () => {
    const log = opened();
    log.append([proxyBid(alice, 5_000, "a"), bid(bob, 1_100, "b")], T + 1);
    log.append([bid(bob, 9_000)], T + 2);
    expect(
      log.append([proxyBid(alice, 5_000, "a"), bid(bob, 1_100, "b")], T + 3).result.outcomes,
    ).toMatchObject([
      { leading: true, price: 1_000, duplicate: true },
      { leading: false, price: 1_200, duplicate: true },
    ]);
  });

  test("two bidders may use the same key", () => {
    const { outcomes } = opened().append([bid(alice, 1_000, "k"), bid(bob, 1_100, "k")], T + 1).result;
    expect(outcomes.map(verdict)).toEqual(["accepted 2.0", "accepted 2.1"]);
  });

  test("a bidder may use the key of the create", () => {
    expect(
      opened()
        .append([bid(alice, 1_000, CREATE_KEY)], T)
        .result.outcomes.map(verdict),
    ).toEqual(["accepted 2.0"]);
  });

  test("a retried create finds its own, another body under its key is refused", () => {
    const log = opened();
    const retries = log.append([create(), create({ title: "Another lot" })], T + 1);
    expect(retries.result.outcomes.map(verdict)).toEqual([
      "accepted 1.0 again",
      "idempotency_key_reused 2.1",
    ]);
    expect(log.auction()?.terms.title).toBe("A lot");
  });

  test("the order of a body's fields does not make it another one", () => {
    const log = opened();
    const command = create({ increment: [{ from: 0, step: 7 }] }, "second");
    const terms = {
      increment: [{ step: 7, from: 0 }],
      ...Object.fromEntries(Object.entries(command.body).reverse()),
    };
    log.append([command], T + 1);
    const again = log.append([{ ...command, body: { ...terms, increment: [{ step: 7, from: 0 }] } }], T + 2);
    expect(again.result.outcomes.map(verdict)).toEqual(["auction_exists 2.0 again"]);
  });

  test("the order of a bid's fields does not make it another one either", () => {
    const log = opened();
    const body = { amount: 1_000, maxAmount: 5_000 };
    log.append([bidOf(alice, body, "k")], T + 1);
    const again = log.append([bidOf(alice, { maxAmount: 5_000, amount: 1_000 }, "k")], T + 2);
    expect(again.result.outcomes.map(verdict)).toEqual(["accepted 2.0 again"]);
    const other = log.append([proxyBid(alice, 5_000, "k")], T + 3);
    expect(other.result.outcomes.map(verdict)).toEqual(["idempotency_key_reused 4.0"]);
  });

  test("the edge's own fields are no part of the body: another salt or trace is still a retry", () => {
    const log = opened();
    const retried = { ...create(), aliasSalt: "another-salt-of-the-edge", trace: "00-0af7-b7ad-01" };
    expect(log.append([retried], T + 1).result.outcomes.map(verdict)).toEqual(["accepted 1.0 again"]);
    expect(log.auction()?.aliasSalt).toBe(create().aliasSalt);
  });

  test("a retry after the end gets its acceptance back and closes nothing", () => {
    const log = opened();
    log.append([bid(alice, 1_000, "k")], T + 1);
    const again = log.append([bid(alice, 1_000, "k")], T + RUN_MS);
    expect(again.result.outcomes.map(verdict)).toEqual(["accepted 2.0 again"]);
    expect(log.auction()?.status).toBe("open");
  });

  test("ticks have no keys: each is applied", () => {
    expect(
      opened()
        .append([tick, tick], T + RUN_MS)
        .decision.entries.map((entry) => entry.outcome),
    ).toEqual(["applied", "applied"]);
  });
});

/** An outcome in a word: what, where it was decided, and whether this is a retry's answer. */
function verdict(outcome: Outcome): string {
  const again = outcome.duplicate === true ? " again" : "";
  return `${outcome.reason ?? outcome.outcome} ${outcome.seq}.${outcome.index}${again}`;
}
