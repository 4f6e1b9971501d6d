import fc from "fast-check";
import type { CreateAuction, Increment } from "../../../shared/auctions.ts";
import { alice, ALIAS_SALT, bob, carol, englishTerms, sam, START_MS } from "../../support/builders.ts";

const MAX = Number.MAX_SAFE_INTEGER;

/** Few enough that they meet, one of them the seller, one a trap for plain objects. */
export const BIDDERS = [alice, bob, carol, "dave-of-the-tests", "__proto__", sam] as const;

/** A story of one auction: moments of the stream's clock (it may stand still or run backwards), each with its commands. */
export interface Story {
  readonly moments: readonly Moment[];
}

export interface Moment {
  readonly timestampMs: number;
  /** Read from JSON by whoever replays them; some are nonsense. */
  readonly commands: readonly unknown[];
}

const increment: fc.Arbitrary<Increment> = fc.oneof(
  fc.integer({ min: 1, max: 60 }),
  fc.constantFrom(1, MAX),
  fc
    .tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 90 }))
    .map(([step, from, higher]) => [
      { from: 0, step },
      { from, step: higher },
      { from: from * 3, step: Math.ceil(higher / 2) },
    ]),
);

const terms: fc.Arbitrary<CreateAuction> = fc
  .record({
    startPrice: fc.oneof(
      { arbitrary: fc.integer({ min: 1, max: 200 }), weight: 9 },
      { arbitrary: fc.constant(MAX - 100), weight: 1 },
    ),
    increment,
    startsInMs: fc.option(fc.integer({ min: -20, max: 80 }), { nil: undefined }),
    runsMs: fc.integer({ min: 1, max: 400 }),
  })
  .map(({ startPrice, increment: step, startsInMs, runsMs }) =>
    englishTerms({
      startPrice,
      increment: step,
      endsAt: START_MS + (startsInMs ?? 0) + runsMs,
      ...(startsInMs !== undefined && { startsAt: START_MS + startsInMs }),
    }),
  );

/** What one command will be; the amount rises with its place in the story, so that many bids win. */
type Seed =
  | { readonly type: "bid"; readonly bidder: string; readonly raise: number; readonly key: number }
  | { readonly type: "top"; readonly bidder: string; readonly below: number }
  | { readonly type: "tick" | "create" | "other create" | "nonsense" };

const seed: fc.Arbitrary<Seed> = fc.oneof(
  {
    weight: 14,
    arbitrary: fc.record({
      type: fc.constant("bid" as const),
      bidder: fc.constantFrom(...BIDDERS),
      raise: fc.integer({ min: 1, max: 120 }),
      // Below eight: a key shared with others; above: one of its own.
      key: fc.integer({ min: 0, max: 30 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("top" as const),
      bidder: fc.constantFrom(...BIDDERS),
      below: fc.integer({ min: 0, max: 120 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constantFrom("tick" as const, "create" as const, "other create" as const, "nonsense" as const),
    }),
  },
);

const moment = fc.record({
  jumpMs: fc.oneof(
    fc.constant(0),
    fc.integer({ min: -30, max: 150 }),
    fc.double({ min: 0, max: 5, noNaN: true }),
  ),
  seeds: fc.array(seed, { minLength: 1, maxLength: 6 }),
});

/** Most stories begin with the creation; some bid into the void first. */
export const story: fc.Arbitrary<Story> = fc
  .record({
    terms,
    late: fc.nat({ max: 4 }).map((n) => n === 0),
    moments: fc.array(moment, { minLength: 1, maxLength: 14 }),
  })
  .map(({ terms: body, late, moments }) => {
    let timestampMs = START_MS;
    let place = 0;
    const creation = { type: "create", sellerId: sam, key: "lot-1", rules: 1, aliasSalt: ALIAS_SALT, body };
    const told = moments.map(({ jumpMs, seeds }, i) => {
      timestampMs += jumpMs;
      const commands = seeds.map((each) => commandOf(each, creation, ++place));
      return { timestampMs, commands: i === 0 && !late ? [creation, ...commands] : commands };
    });
    return { moments: told };
  });

function commandOf(each: Seed, creation: { body: CreateAuction }, place: number): unknown {
  switch (each.type) {
    case "bid":
      return {
        type: "bid",
        bidderId: each.bidder,
        key: each.key < 8 ? `shared-${each.key}` : `own-${place}`,
        // A shared key comes with one of two bodies, so that both retries and reuses occur.
        body: { amount: each.key < 8 ? 150 + (each.raise % 2) * 100 : place * 25 + each.raise },
      };
    case "top":
      return { type: "bid", bidderId: each.bidder, key: `own-${place}`, body: { amount: MAX - each.below } };
    case "tick":
      return { type: "tick" };
    case "create":
      return creation;
    case "other create":
      return { ...creation, key: `lot-${place % 3}`, body: { ...creation.body, startPrice: 7 } };
    case "nonsense":
      return NONSENSE[place % NONSENSE.length];
  }
}

const NONSENSE: readonly unknown[] = [
  null,
  7,
  { type: "bid" },
  { type: "tick", extra: 1 },
  { type: "bid", bidderId: "a.b", key: "k", body: { amount: 5 } },
  { type: "bid", bidderId: alice, key: "shared-1", body: { amount: 5.5 } },
  { type: "bid", bidderId: alice, key: "shared-1", body: { amount: 0 } },
  { type: "bid", bidderId: alice, key: "shared-1", body: { amount: 900, maxAmount: 1_000 } },
  { type: "bid", bidderId: alice, key: "shared-1", body: { amount: MAX + 1 } },
  { type: "refund", bidderId: alice },
];
