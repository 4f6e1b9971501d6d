import fc from "fast-check";
import type { AuctionFormat, CreateAuction, Increment, TermsOf } from "../../../shared/terms.ts";
import { seldom } from "./bid-arbitraries.ts";
import { dropTerms, dutchTerms, englishTerms, sealedTerms, START_MS } from "../../support/builders.ts";

const MAX = Number.MAX_SAFE_INTEGER;

const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 2 });

/** A price that leaves room above it, or next to none. */
const price = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: 1, max: 60 }) },
  { weight: 1, arbitrary: fc.constant(MAX - 100) },
);

const increment: fc.Arbitrary<Increment> = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 20 }) },
  { weight: 1, arbitrary: fc.constantFrom(1, MAX) },
  {
    weight: 6,
    arbitrary: fc
      .tuple(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 40 }),
      )
      .map(([step, from, higher]) => [
        { from: 0, step },
        { from, step: higher },
        { from: from * 3, step: Math.ceil(higher / 2) },
      ]),
  },
);

const settlement = maybe(
  fc.record({
    payWithinMs: fc.integer({ min: 1, max: 60 }),
    secondChance: fc.constantFrom(true, true, false, undefined),
  }),
);

const runsMs = fc.oneof(
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 30 }) },
  { weight: 6, arbitrary: fc.integer({ min: 20, max: 100 }) },
  { weight: 9, arbitrary: fc.integer({ min: 60, max: 600 }) },
);

/** When it starts and ends. A start may be absent, or have passed. */
const run = fc
  .record({ startsInMs: maybe(fc.integer({ min: -20, max: 30 })), runsMs })
  .map(({ startsInMs, runsMs }) => ({
    runsMs,
    endsAt: START_MS + (startsInMs ?? 0) + runsMs,
    ...(startsInMs !== undefined && { startsAt: START_MS + startsInMs }),
  }));

/** Without the fields that are absent. */
const present = <T extends object>(fields: T): T => JSON.parse(JSON.stringify(fields)) as T;

/** The wide ones let every bid move the end, so that the cap is reached; the narrow ones are missed by a millisecond. */
const softClose = fc.record({
  windowMs: fc.oneof(fc.integer({ min: 1, max: 80 }), fc.constant(600)),
  extendMs: fc.oneof(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 500, max: 900 })),
  maxExtensions: fc.constantFrom(1, 1, 2, undefined),
});

const english: fc.Arbitrary<TermsOf<"english">> = fc
  .record({
    when: run,
    startPrice: price,
    increment,
    reserveAbove: maybe(fc.integer({ min: 0, max: 80 })),
    buyNowAbove: maybe(fc.integer({ min: 0, max: 150 })),
    softClose: maybe(softClose),
    tooLong: seldom(6),
    settlement,
  })
  .map(({ when: { runsMs, ...when }, startPrice, reserveAbove, buyNowAbove, tooLong, ...rest }) => {
    const reservePrice = reserveAbove === undefined ? undefined : Math.min(MAX, startPrice + reserveAbove);
    const least = reservePrice ?? startPrice;
    const buyNowPrice = buyNowAbove === undefined ? undefined : Math.min(MAX, least + buyNowAbove);
    const terms = englishTerms({ ...rest, ...when, startPrice });
    // The contract refuses a window longer than the auction where it knows the start; the log's clock knows the rest.
    const lastsMs = tooLong ? runsMs : Math.max(1, when.endsAt - Math.max(START_MS, when.startsAt ?? 0));
    const fits = when.startsAt !== undefined || !tooLong;
    const closing = fits &&
      rest.softClose && {
        softClose: { ...rest.softClose, windowMs: Math.min(rest.softClose.windowMs, lastsMs) },
      };
    return present({ ...terms, reservePrice, buyNowPrice, ...closing }) as TermsOf<"english">;
  });

const dutch: fc.Arbitrary<TermsOf<"dutch">> = fc
  .record({
    when: run,
    hasEnd: fc.boolean(),
    startPrice: price,
    fall: fc.nat({ max: 59 }),
    stepAmount: fc.integer({ min: 1, max: 25 }),
    stepMs: fc.integer({ min: 100, max: 130 }),
    graceMs: maybe(fc.integer({ min: 1, max: 150 })),
    units: maybe(fc.integer({ min: 1, max: 12 })),
    settlement,
  })
  .map(({ when, hasEnd, fall, graceMs, units, startPrice, settlement: paid, ...rest }) => {
    const { runsMs: lastsMs, endsAt: _soon, ...start } = when;
    const endsAt = START_MS + Math.max(0, (start.startsAt ?? START_MS) - START_MS) + lastsMs * 3;
    const floorPrice = Math.max(1, startPrice - fall);
    const few = startPrice > 1_000 ? 1 : units;
    const end = hasEnd ? { endsAt } : { graceMs };
    const pay = paid && { settlement: { payWithinMs: paid.payWithinMs * 6 } };
    const terms = dutchTerms({ ...rest, ...start, startPrice, floorPrice });
    return present({ ...terms, ...end, ...pay, units: few }) as TermsOf<"dutch">;
  });

const sealed: fc.Arbitrary<TermsOf<"sealed">> = fc
  .record({
    when: run,
    pricing: fc.constantFrom("first" as const, "second" as const),
    reservePrice: maybe(fc.integer({ min: 1, max: 40 })),
    settlement,
  })
  .map(({ when: { runsMs: _runs, ...when }, ...rest }) => present(sealedTerms({ ...when, ...rest })));

const drop: fc.Arbitrary<TermsOf<"drop">> = fc
  .record({
    when: run,
    price: fc.integer({ min: 1, max: 60 }),
    units: fc.integer({ min: 1, max: 6 }),
    perBidder: maybe(fc.integer({ min: 1, max: 5 })),
    holdMs: maybe(fc.integer({ min: 1, max: 60 })),
  })
  .map(({ when: { runsMs: _runs, ...when }, ...rest }) => present(dropTerms({ ...when, ...rest })));

const all = { english, dutch, sealed, drop };

/** Terms that the contract lets through, small enough that everything about them is met. */
export const termsOf = (format: AuctionFormat): fc.Arbitrary<CreateAuction> => all[format];
