import { expect, test } from "vitest";
import type { Auction } from "../../core/auction/auction.ts";
import { decide } from "../../core/auction/decide.ts";
import { evolve } from "../../core/auction/evolve.ts";
import type { BidCommand, CreateCommand } from "../../shared/commands.ts";
import { envelopeSchema } from "../../shared/commands.ts";
import { bidLadder, hotAuctionMix } from "./bid-mix.ts";
import { benchTerms, createEnvelope } from "./envelopes.ts";

const AT_MS = 1_000_000;

function acceptedOf(bids: readonly BidCommand[]): number {
  const create = createEnvelope({ sellerId: "seller", key: "lot", terms: benchTerms(AT_MS + 1_000) })
    .commands[0] as CreateCommand;
  let auction: Auction | null = null;
  let accepted = 0;
  for (const command of [create, ...bids]) {
    const { events, rejection } = decide("lot", auction, command, AT_MS);
    for (const event of events) auction = evolve(auction, event);
    if (command.type === "bid" && rejection === undefined) accepted++;
    if (rejection !== undefined) expect(rejection.reason).toBe("bid_too_low");
  }
  return accepted;
}

test("about a quarter of a hot auction's bids are accepted, and every other one is too low", () => {
  const share = acceptedOf(hotAuctionMix("lot").take(20_000)) / 20_000;
  expect(share).toBeGreaterThan(0.24);
  expect(share).toBeLessThan(0.26);
});

test("four of five live bids are accepted when they arrive in the order in which they were sent", () => {
  const ladder = bidLadder();
  const bids = Array.from({ length: 1_000 }, (_, i): BidCommand => {
    return { type: "bid", bidderId: "alice", key: `k${i}`, body: { amount: ladder.nextAmount() } };
  });
  expect(acceptedOf(bids)).toBe(800);
});

test("the bids fit the wire schema, come from thousands of bidders, and no key comes twice", () => {
  const bids = hotAuctionMix("lot").take(20_000);
  const envelope = { v: 1, id: "e", origin: "", commands: bids.slice(0, 20) };
  expect(envelopeSchema.parse(envelope)).toEqual(envelope);
  expect(new Set(bids.map((bid) => bid.key)).size).toBe(bids.length);
  expect(new Set(bids.map((bid) => bid.bidderId)).size).toBeGreaterThan(4_000);
});

test("the same seed gives the same bids, another seed others", () => {
  expect(hotAuctionMix("a").take(50)).toEqual(hotAuctionMix("a").take(50));
  expect(hotAuctionMix("a").take(50)).not.toEqual(hotAuctionMix("b").take(50));
});
