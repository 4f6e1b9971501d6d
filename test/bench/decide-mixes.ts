import type { Auction } from "../../core/auction/auction.ts";
import { decide } from "../../core/auction/decide.ts";
import type { EnglishBook } from "../../core/auction/english.ts";
import { incrementAt } from "../../core/auction/increment.ts";
import type { BidBody } from "../../shared/bids.ts";
import type { BidCommand, CreateCommand } from "../../shared/commands.ts";
import type { CreateAuction, TermsOf } from "../../shared/terms.ts";
import { hotAuctionMix, INCREMENT_MINOR, seededRandom, START_PRICE_MINOR } from "./bid-mix.ts";
import { AUCTION_LIFE_MS, benchTerms } from "./envelopes.ts";

/** Bids to decide in memory: those of `before` make the auction what it is when the clock starts to run. */
export interface DecideMix {
  readonly terms: CreateAuction;
  readonly before: readonly BidCommand[];
  readonly bids: readonly BidCommand[];
  /** What must have come of them, pass after pass. */
  readonly expected?: { readonly accepted: number };
}

/** Where the log's clock stands when a mix begins; it moves a millisecond with each envelope. */
export const DECIDE_START_MS = 1_800_000_000_000;
export const DECIDE_AUCTION = "auction-of-the-bench";

/** A pass: few enough that the bids come from the processor's caches, as they do just after they were read from the log. */
const BIDS = 50_000;
const STANDING = 10_000;
const DROP_UNITS = 7_000;
const DROP_BIDDERS = 50_000;
const CLAIMS_EACH = 2;

/** Whoever bids by proxy: a quarter takes the lead, a quarter only drives the price, an eighth is the leader's own raise; the rest is too late. */
const OVERTAKE_BELOW = 0.25;
const CHALLENGE_BELOW = 0.5;
const RAISE_BELOW = 0.625;
/** Room above the old maximum, in increments, so that challengers have something to drive. */
const MOST_ROOM = 16;
/** Of the dutch bids; the others offer less than the clock asks. */
const BUY_SHARE = 0.25;

export const decideMixes = { plain, rising, proxy, sealed, drop, dutch } as const;
export type DecideMixName = keyof typeof decideMixes;

export const newDecideAuction = (terms: CreateAuction): CreateCommand => ({
  type: "create",
  sellerId: "seller",
  key: "lot",
  body: terms,
  rules: 1,
  aliasSalt: "salt-of-the-bench-0001",
});

/** The `drain` case's mix: a quarter raises the price, the rest is a moment too late. */
function plain(): DecideMix {
  return { terms: englishTerms(), before: [], bids: hotAuctionMix("plain").take(BIDS) };
}

/** Every bid raises the price. */
function rising(): DecideMix {
  const bids = many(BIDS, (i, random) =>
    bid(`bidder-${Math.floor(random() * 5_000)}`, i, { amount: START_PRICE_MINOR + i * INCREMENT_MINOR }),
  );
  return { terms: englishTerms(), before: [], bids, expected: { accepted: BIDS } };
}

/** Maxima against ten thousand standing maxima, with tiered increments. */
function proxy(): DecideMix {
  const terms: CreateAuction = {
    ...englishTerms(),
    increment: [
      { from: 0, step: 50 },
      { from: 10_000, step: INCREMENT_MINOR },
      { from: 10_000_000, step: 1_000 },
      { from: 100_000_000, step: 10_000 },
    ],
  };
  const before = many(STANDING, (i) =>
    bid(`bidder-${i}`, i, { maxAmount: START_PRICE_MINOR + i * INCREMENT_MINOR }),
  );
  // What overtakes and what only challenges depends on the auction at that moment, so it is played through once.
  let auction = afterAll(terms, before);
  const bids = many(BIDS, (i, random) => {
    const next = proxyBid(auction, STANDING + i, random);
    auction = decided(auction, next);
    return next;
  });
  return { terms, before, bids };
}

function proxyBid(auction: Auction, i: number, random: () => number): BidCommand {
  const { leader, priceMinor } = auction.book as EnglishBook;
  const { increment } = auction.terms as TermsOf<"english">;
  if (leader === null || priceMinor === null) throw new Error("the standing maxima do not stand");
  const step = incrementAt(increment, leader.maxMinor);
  const other = `bidder-${Math.floor(random() * STANDING)}`;
  const above = leader.maxMinor + step * (1 + Math.floor(random() * MOST_ROOM));
  const kind = random();
  const minimum = priceMinor + incrementAt(increment, priceMinor);
  if (kind < OVERTAKE_BELOW) return bid(other, i, { maxAmount: above });
  if (kind < CHALLENGE_BELOW && leader.maxMinor > minimum) return bid(other, i, { maxAmount: minimum });
  if (kind < RAISE_BELOW) return bid(leader.bidderId, i, { maxAmount: above });
  return bid(other, i, { maxAmount: Math.max(1, priceMinor - step) });
}

/** Ten thousand bidders, each of whom revises the own bid now and then. */
function sealed(): DecideMix {
  const terms: CreateAuction = { ...listing(), format: "sealed", pricing: "second" };
  const before = many(STANDING, (i) => bid(`bidder-${i}`, i, { amount: START_PRICE_MINOR + i }));
  const bids = many(BIDS, (i, random) => {
    const amount = START_PRICE_MINOR + Math.floor(random() * 1_000_000);
    return bid(`bidder-${Math.floor(random() * STANDING)}`, STANDING + i, { amount });
  });
  return { terms, before, bids, expected: { accepted: BIDS } };
}

/** A whole drop: everybody claims twice, with different keys, in no order. */
function drop(): DecideMix {
  const terms: CreateAuction = {
    ...listing(),
    format: "drop",
    price: 9_900,
    units: DROP_UNITS,
    holdMs: 600_000,
  };
  return {
    terms,
    before: [],
    bids: dropClaims(DROP_BIDDERS, CLAIMS_EACH),
    expected: { accepted: DROP_UNITS },
  };
}

/** So many claims of each bidder for one unit, every one with a key of its own, shuffled. */
export function dropClaims(bidders: number, each: number): BidCommand[] {
  const claims = Array.from({ length: bidders * each }, (_, i) => bid(`bidder-${i % bidders}`, i, {}));
  const random = seededRandom("drop");
  for (let i = claims.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [claims[i], claims[j]] = [claims[j] as BidCommand, claims[i] as BidCommand];
  }
  return claims;
}

/** A falling price and more units than are asked for: a quarter buys, the rest offers too little. */
function dutch(): DecideMix {
  const startPrice = 1_000_000;
  const terms: CreateAuction = {
    format: "dutch",
    title: "Benchmark lot",
    currency: "EUR",
    startPrice,
    floorPrice: 1_000,
    stepAmount: 100,
    stepMs: 1_000,
    units: 1_000_000,
  };
  const bids = many(BIDS, (i, random) => {
    const amount = random() < BUY_SHARE ? startPrice : 500;
    return bid(`bidder-${Math.floor(random() * 5_000)}`, i, { amount });
  });
  return { terms, before: [], bids };
}

const englishTerms = (): TermsOf<"english"> => benchTerms(DECIDE_START_MS + AUCTION_LIFE_MS);

const listing = () => ({
  title: "Benchmark lot",
  currency: "EUR",
  endsAt: DECIDE_START_MS + AUCTION_LIFE_MS,
});

/** Keys as long as a UUID. */
const bid = (bidderId: string, i: number, body: BidBody): BidCommand => ({
  type: "bid",
  bidderId,
  key: i.toString(16).padStart(36, "0"),
  body,
});

function many(count: number, make: (i: number, random: () => number) => BidCommand): BidCommand[] {
  const random = seededRandom("mix");
  return Array.from({ length: count }, (_, i) => make(i, random));
}

function afterAll(terms: CreateAuction, bids: readonly BidCommand[]): Auction {
  const { auction } = decide(DECIDE_AUCTION, null, newDecideAuction(terms), DECIDE_START_MS);
  if (auction === null) throw new Error("the auction could not be opened");
  return bids.reduce(decided, auction);
}

function decided(auction: Auction, command: BidCommand): Auction {
  const next = decide(DECIDE_AUCTION, auction, command, DECIDE_START_MS).auction;
  if (next === null) throw new Error("the auction is gone");
  return next;
}
