import fc from "fast-check";
import { alice, bob, carol, sam } from "../../support/builders.ts";
import { dropRemaining } from "../../support/naive/drop.ts";
import { dutchPrice, dutchRemaining } from "../../support/naive/dutch.ts";
import { englishMinimum, englishPrice, standings } from "../../support/naive/english.ts";
import { sealedBids } from "../../support/naive/sealed.ts";
import type { NaiveAuction } from "../../support/naive/state.ts";
import type { AuctionFormat } from "../../../shared/terms.ts";

const MAX = Number.MAX_SAFE_INTEGER;

/** Few enough that they meet, one of them the seller, one a trap for plain objects. */
export const BIDDERS = [alice, bob, carol, "dave-of-the-tests", "__proto__", sam] as const;

export const bidder = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(...BIDDERS.filter((each) => each !== sam)) },
  { weight: 1, arbitrary: fc.constant(sam) },
);

/** True once in so many times: ranges would not do, because their ends come oftener than the rest. */
export const seldom = (times: number): fc.Arbitrary<boolean> =>
  fc.oneof({ weight: times - 1, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) });

/** An amount by what it is near to. */
interface AmountSeed {
  readonly near: "minimum" | "price" | "leader" | "runnerUp" | "reserve" | "buyNow" | "nothing" | "top";
  readonly off: number;
}

interface UnitSeed {
  readonly near: "one" | "remaining";
  readonly off: number;
}

export interface BidSeed {
  readonly amount?: AmountSeed | undefined;
  /** Above the amount by so much, when there is one. */
  readonly max?: AmountSeed | undefined;
  readonly quantity?: UnitSeed | undefined;
  readonly partial?: true | undefined;
  readonly waitlist?: true | undefined;
  readonly buyNow?: true | undefined;
}

const flag = fc.option(fc.constant(true as const), { nil: undefined, freq: 2 });

const amount = (...nears: AmountSeed["near"][]): fc.Arbitrary<AmountSeed> =>
  fc.record({
    near: fc.constantFrom(...nears),
    off: fc.oneof(
      { weight: 3, arbitrary: fc.integer({ min: -1, max: 1 }) },
      { weight: 3, arbitrary: fc.integer({ min: 0, max: 40 }) },
      { weight: 1, arbitrary: fc.integer({ min: -15, max: 120 }) },
    ),
  });

const unit: fc.Arbitrary<UnitSeed> = fc.record({
  near: fc.constantFrom("one" as const, "remaining" as const),
  off: fc.integer({ min: -1, max: 2 }),
});

const rising = amount(
  "minimum",
  "minimum",
  "minimum",
  "minimum",
  "price",
  "leader",
  "leader",
  "runnerUp",
  "reserve",
  "buyNow",
  "nothing",
  "top",
);
const falling = amount("price", "price", "price", "price", "nothing", "top");
const hidden = amount("leader", "leader", "runnerUp", "reserve", "nothing", "nothing", "top");
const units = fc.option(unit, { nil: undefined, freq: 2 });

/** Of any field of any format: most such bids fit nowhere. */
const any: fc.Arbitrary<BidSeed> = fc.record({
  amount: fc.option(rising, { nil: undefined }),
  max: fc.option(rising, { nil: undefined }),
  quantity: units,
  partial: flag,
  waitlist: flag,
  buyNow: flag,
});

const fitting: Record<AuctionFormat, fc.Arbitrary<BidSeed>> = {
  english: fc.oneof(
    { weight: 4, arbitrary: fc.record({ amount: rising }) },
    { weight: 6, arbitrary: fc.record({ max: rising }) },
    { weight: 3, arbitrary: fc.record({ amount: rising, max: rising }) },
    { weight: 1, arbitrary: fc.constant({ buyNow: true as const }) },
  ),
  dutch: fc.oneof(
    { weight: 2, arbitrary: fc.record({ amount: falling, quantity: units, partial: flag }) },
    { weight: 1, arbitrary: fc.record({ amount: amount("nothing") }) },
  ),
  sealed: fc.record({ amount: hidden }),
  drop: fc.record({ quantity: units, partial: flag, waitlist: flag }),
};

export const bidSeeds = (format: AuctionFormat): fc.Arbitrary<BidSeed> =>
  fc.oneof({ weight: 12, arbitrary: fitting[format] }, { weight: 1, arbitrary: any });

/** The body that a seed means now. It may be one that no format takes. */
export function bidBody(auction: NaiveAuction, seed: BidSeed): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  if (seed.amount) body["amount"] = amountOf(auction, seed.amount);
  if (seed.max) {
    const max = amountOf(auction, seed.max);
    const least = Number(body["amount"] ?? 0);
    body["maxAmount"] = max < least ? Math.min(MAX, least + Math.abs(seed.max.off)) : max;
  }
  if (seed.quantity) body["quantity"] = unitsOf(auction, seed.quantity);
  for (const name of ["partial", "waitlist", "buyNow"] as const) if (seed[name]) body[name] = true;
  return body;
}

function amountOf(auction: NaiveAuction, { near, off }: AmountSeed): number {
  return Math.min(MAX, Math.max(1, (landmark(auction, near) ?? 20) + off));
}

function landmark(auction: NaiveAuction, near: AmountSeed["near"]): number | null | undefined {
  const { terms, moves } = auction;
  if (near === "top") return MAX - 60;
  if (terms === null || near === "nothing") return null;
  switch (terms.format) {
    case "english":
      return {
        minimum: englishMinimum(terms, moves),
        price: englishPrice(terms, moves),
        leader: standings(moves)[0]?.limit,
        runnerUp: standings(moves)[1]?.limit,
        reserve: terms.reservePrice,
        buyNow: terms.buyNowPrice,
      }[near];
    case "dutch":
      return dutchPrice(terms, auction.step);
    case "sealed":
      if (near === "leader") return sealedBids(moves)[0]?.amount;
      return near === "runnerUp" ? sealedBids(moves)[1]?.amount : terms.reservePrice;
    case "drop":
      return terms.price;
  }
}

function unitsOf(auction: NaiveAuction, { near, off }: UnitSeed): number {
  const { terms } = auction;
  let base = 1;
  if (near === "remaining" && terms?.format === "drop") base = dropRemaining(auction, terms);
  if (near === "remaining" && terms?.format === "dutch") base = dutchRemaining(auction, terms);
  return Math.max(1, base + off);
}
