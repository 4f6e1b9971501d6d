import { describe, expect, test } from "vitest";
import type { Auction } from "../../../core/auction/auction.ts";
import { decideEnvelope, type KeyBook } from "../../../core/auction/decide-envelope.ts";
import { identify } from "../../../core/auction/identity.ts";
import type { Command } from "../../../shared/commands.ts";
import { bidIdFor } from "../../../shared/ids.ts";
import type { Outcome } from "../../../shared/outcomes.ts";
import { auctionLog } from "../../support/auction-log.ts";
import {
  alice,
  AUCTION_ID,
  bid,
  bob,
  create,
  CREATE_KEY,
  RUN_MS,
  sam,
  START_MS,
  tick,
} from "../../support/builders.ts";
import { given } from "../../support/specification.ts";
import frozen from "./frozen-records.json" with { type: "json" };

const T = START_MS;
const unreadable = { type: "bid", bidderId: alice, key: "k", body: { amount: 1.5 } };

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

describe("poison", () => {
  test("an unreadable command is refused as internal_error and the rest goes on", () => {
    const log = auctionLog();
    log.append([create()], T);
    const { decision, result } = log.append(
      [bid(alice, 1_000), unreadable, null, { type: "dance" }, bid(bob, 1_100)],
      T + 1,
    );
    expect(decision.entries.map((entry) => entry.reason ?? entry.outcome)).toEqual([
      "accepted",
      "internal_error",
      "internal_error",
      "internal_error",
      "accepted",
    ]);
    expect(decision.entries[1]).toEqual({
      kind: "unreadable",
      outcome: "rejected",
      reason: "internal_error",
      version: 2,
      price: 1_000,
    });
    expect(result.outcomes.map((outcome) => outcome.index)).toEqual([0, 4]);
    expect(result).toMatchObject({ from: 1, to: 3 });
  });

  test("an unreadable command takes no key: its corrected retry is decided", () => {
    const log = auctionLog();
    log.append([create(), unreadable], T);
    const { outcomes } = log.append([{ ...unreadable, body: { amount: 1_000 } }], T + 1).result;
    expect(outcomes.map(verdict)).toEqual(["accepted 2.0"]);
  });

  test("a command that makes the decider throw is refused as internal_error, with its key, and the rest goes on", () => {
    // No schema lets such a body through: it stands for a bug that only one command meets.
    const poison = { ...bid(alice, 2_000), body: null } as unknown as Command;
    const { decision, taken } = decidedBare(given(create()).when(tick).auction, [
      poison,
      bid(bob, 1_000, "good"),
    ]);
    expect(decision.entries).toMatchObject([
      { kind: "bid", actorId: alice, outcome: "rejected", reason: "internal_error", version: 1, price: null },
      { kind: "bid", actorId: bob, outcome: "accepted", version: 2 },
    ]);
    expect(taken).toHaveLength(2);
    expect(taken[1]).toBe(bidIdFor(AUCTION_ID, bob, "good"));
  });

  test("a command whose events do not apply is refused as internal_error, and the rest goes on", () => {
    // The decider can read this book, but evolve cannot walk it: it stands for a bug in evolve alone.
    const led = given(create(), bid(alice, 1_000)).when(tick).auction;
    const book = { bidCount: 1, leaders: { 0: { bidderId: alice, amountMinor: 1_000, atMs: T } } };
    const { decision } = decidedBare({ ...led, book } as unknown as Auction, [bid(bob, 1_100), tick]);
    expect(decision.entries).toMatchObject([
      { reason: "internal_error", version: 2 },
      { outcome: "applied", version: 2 },
    ]);
  });
});

describe("the record of an envelope", () => {
  test("is these bytes, this chain and this state, for ever: stored logs, their readers and successors rely on them", () => {
    const log = auctionLog();
    log.append([create({ startsAt: T + 10 })], T);
    log.append([bid(alice, 1_000, "a"), bid(alice, 1_000, "a"), bid(bob, 1_050, "b")], T + 10);
    log.append([null, tick], T + RUN_MS);
    log.append([tick, bid(bob, 9_000, "c"), bid(bob, 9_001, "c")], T + RUN_MS + 1);
    expect(log.history().map((appended) => JSON.parse(appended.record) as unknown)).toEqual(frozen.records);
    expect(log.history().map((appended) => appended.record)).toEqual(
      frozen.records.map((record) => JSON.stringify(record)),
    );
    expect(log.history().map((appended) => appended.chain)).toEqual(frozen.chain);
    expect(log.auction()).toEqual(frozen.state);
  });

  test("says when each version came about, without gaps", () => {
    const log = auctionLog();
    log.append([create({ startsAt: T + 10 }), tick], T);
    log.append([bid(alice, 1_000), bid(bob, 1_100), tick], T + 10);
    log.append([bid(alice, 9_000)], T + RUN_MS);
    const seen = log
      .history()
      .flatMap(({ result }) => result.events.map((event) => `${event.version} ${event.type}`));
    expect(seen).toEqual(["1 created", "2 opened", "3 bid", "4 bid", "5 closed"]);
    expect(log.history().map(({ decision }) => [decision.fromVersion, decision.toVersion])).toEqual([
      [0, 1],
      [1, 4],
      [4, 5],
    ]);
  });
});

/** An envelope decided without the wire's checks, which would keep these commands out. */
function decidedBare(auction: Auction | null, commands: readonly Command[]) {
  const taken: string[] = [];
  const keys: KeyBook = { first: () => undefined, take: ({ id }) => void taken.push(id) };
  const read = commands.map((command) => ({ command, identity: identify(AUCTION_ID, command) }));
  const position = { seq: 2, atMs: T + 1 };
  return {
    decision: decideEnvelope({ auctionId: AUCTION_ID, auction, commands: read, position, keys }),
    taken,
  };
}

/** An outcome in a word: what, where it was decided, and whether this is a retry's answer. */
function verdict(outcome: Outcome): string {
  const again = outcome.duplicate === true ? " again" : "";
  return `${outcome.reason ?? outcome.outcome} ${outcome.seq}.${outcome.index}${again}`;
}
