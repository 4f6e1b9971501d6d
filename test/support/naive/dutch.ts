import { placeOrders, unitsHeld } from "./orders.ts";
import {
  type Bid,
  happen,
  type NaiveAuction,
  notForFormat,
  shut,
  type TermsOf,
  type Verdict,
} from "./state.ts";

type Dutch = TermsOf<"dutch">;

/** "max(`floorPrice`, `startPrice` − k × `stepAmount`)." */
export function dutchPrice({ startPrice, floorPrice, stepAmount }: Dutch, step: number): number {
  const fallen = BigInt(startPrice) - BigInt(step) * BigInt(stepAmount);
  return fallen > BigInt(floorPrice) ? Number(fallen) : floorPrice;
}

/** "k stops where the floor is reached." */
export function lastStep(terms: Dutch): number {
  const { startPrice, floorPrice, stepAmount } = terms;
  const whole = BigInt(startPrice - floorPrice);
  const steps = whole / BigInt(stepAmount);
  return Number(steps * BigInt(stepAmount) < whole ? steps + 1n : steps);
}

/** "At `endsAt`, or without one `graceMs` (absent: one step) after the floor was reached." */
export function dutchEnd(terms: Dutch, startsAt: number): number {
  const { endsAt, graceMs, stepMs } = terms;
  return endsAt ?? startsAt + lastStep(terms) * stepMs + (graceMs ?? stepMs);
}

/** "Step k is reached at start + k × `stepMs`"; null when the floor is reached. */
export function nextStepAt(auction: NaiveAuction, terms: Dutch): number | null {
  return auction.step >= lastStep(terms) ? null : auction.startsAt + (auction.step + 1) * terms.stepMs;
}

/** One event however many steps the clock has reached meanwhile; past the end it reaches none. */
export function takeSteps(auction: NaiveAuction, terms: Dutch, at: number): void {
  for (;;) {
    const next = nextStepAt(auction, terms);
    if (next === null || next > at || next > auction.endsAt) break;
    auction.step++;
  }
  happen(auction, { type: "price_dropped", at, figure: dutchPrice(terms, auction.step) });
}

export const dutchRemaining = (auction: NaiveAuction, { units = 1 }: Dutch): number =>
  units - unitsHeld(auction);

export function bidDutch(auction: NaiveAuction, terms: Dutch, { bidderId, body }: Bid, at: number): Verdict {
  for (const field of ["maxAmount", "buyNow", "waitlist"] as const)
    if (body[field] !== undefined) return notForFormat(field);
  if (body.amount === undefined) return notForFormat("amount");
  const unitPrice = dutchPrice(terms, auction.step);
  if (body.amount < unitPrice) return { reason: "price_moved" };
  const { quantity = 1 } = body;
  const remaining = dutchRemaining(auction, terms);
  if (quantity > remaining && !body.partial) return { reason: "not_enough_units", detail: { remaining } };
  const taken = Math.min(quantity, remaining);
  auction.moves.push({ type: "bid", bidderId, at, amount: body.amount });
  const detail = placeOrders(auction, "bid", [{ bidderId, quantity: taken, unitPrice }], at);
  // "It ends … when every unit is taken."
  if (dutchRemaining(auction, terms) === 0) {
    shut(auction, at);
    happen(auction, { type: "auction_closed", at, bidderId: null, figure: null });
  }
  return { detail };
}
