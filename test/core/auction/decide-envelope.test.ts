import { describe, expect, test } from "vitest";
import type { Auction } from "../../../core/auction/auction.ts";
import { decideEnvelope, type KeyBook } from "../../../core/auction/decide-envelope.ts";
import { identify } from "../../../core/auction/identity.ts";
import type { Command } from "../../../shared/commands.ts";
import { bidIdFor } from "../../../shared/ids.ts";
import { auctionLog } from "../../support/auction-log.ts";
import { alice, AUCTION_ID, bid, bob, create, RUN_MS, START_MS, tick } from "../../support/builders.ts";
import { given } from "../../support/specification.ts";

const T = START_MS;
const unreadable = { type: "bid", bidderId: alice, key: "k", body: { amount: 1.5 } };

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
    expect(outcomes).toMatchObject([{ outcome: "accepted", seq: 2, index: 0 }]);
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
    const book = { ...led?.book, others: {} };
    const { decision } = decidedBare({ ...led, book } as unknown as Auction, [bid(bob, 1_100), tick]);
    expect(decision.entries).toMatchObject([
      { reason: "internal_error", version: 2 },
      { outcome: "applied", version: 2 },
    ]);
  });
});

describe("the versions of an envelope (I3)", () => {
  test("follow each other without gaps", () => {
    const log = auctionLog();
    log.append([create({ startsAt: T + 10 }), tick], T);
    log.append([bid(alice, 1_000), bid(bob, 1_100), tick], T + 10);
    log.append([bid(alice, 9_000)], T + RUN_MS);
    const seen = log
      .history()
      .flatMap(({ result }) => result.events.map((event) => `${event.version} ${event.type}`));
    expect(seen).toEqual(["1 created", "2 opened", "3 bid", "4 bid", "5 closed", "6 sold"]);
    expect(log.history().map(({ decision }) => [decision.fromVersion, decision.toVersion])).toEqual([
      [0, 1],
      [1, 4],
      [4, 6],
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
