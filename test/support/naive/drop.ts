import { placeOrders, unitsHeld } from "./orders.ts";
import { type Bid, happen, type NaiveAuction, notForFormat, type TermsOf, type Verdict } from "./state.ts";

type Drop = TermsOf<"drop">;

export const dropRemaining = (auction: NaiveAuction, { units }: Drop): number => units - unitsHeld(auction);

/** Units that are waited for, by one bidder or by all. */
export function unitsWaitedFor(auction: NaiveAuction, bidderId?: string): number {
  return auction.places
    .filter((place) => bidderId === undefined || place.bidderId === bidderId)
    .reduce((sum, place) => sum + place.quantity, 0);
}

export function bidDrop(auction: NaiveAuction, terms: Drop, { bidderId, body }: Bid, at: number): Verdict {
  for (const field of ["amount", "maxAmount", "buyNow"] as const)
    if (body[field] !== undefined) return notForFormat(field);
  const { quantity = 1, partial, waitlist } = body;
  const limit = terms.perBidder ?? 1;
  // "Units of live orders and units waited for, together with those asked for, stay within `perBidder`."
  if (unitsHeld(auction, bidderId) + unitsWaitedFor(auction, bidderId) + quantity > limit)
    return { reason: "limit_reached", detail: { limit } };
  const remaining = dropRemaining(auction, terms);
  if (!waitlist && remaining === 0) return { reason: "sold_out", detail: { waitlist: true } };
  if (!waitlist && !partial && quantity > remaining)
    return { reason: "not_enough_units", detail: { remaining } };
  const taken = Math.min(quantity, remaining);
  auction.moves.push({ type: "bid", bidderId, at });
  let detail = {};
  if (taken > 0)
    detail = placeOrders(auction, "bid", [{ bidderId, quantity: taken, unitPrice: terms.price }], at);
  if (waitlist && quantity > taken) detail = { ...detail, ...wait(auction, bidderId, quantity - taken, at) };
  return { detail };
}

function wait(auction: NaiveAuction, bidderId: string, quantity: number, at: number): object {
  const waitingBefore = unitsWaitedFor(auction) - unitsWaitedFor(auction, bidderId);
  auction.places.push({ bidderId, quantity });
  happen(auction, { type: "waitlist_joined", at, bidderId, figure: quantity });
  return { waiting: unitsWaitedFor(auction, bidderId), waitingBefore };
}

/** "A unit that comes back goes to the first place of the waitlist at once; who waits for several keeps the place for the rest." */
export function serveWaitlist(auction: NaiveAuction, terms: Drop, at: number): void {
  const served: { bidderId: string; quantity: number; unitPrice: number }[] = [];
  let remaining = dropRemaining(auction, terms);
  while (remaining > 0 && auction.places.length > 0) {
    const place = auction.places[0] as NaiveAuction["places"][0];
    const quantity = Math.min(place.quantity, remaining);
    served.push({ bidderId: place.bidderId, quantity, unitPrice: terms.price });
    remaining -= quantity;
    place.quantity -= quantity;
    if (place.quantity === 0) auction.places.shift();
  }
  if (served.length > 0) placeOrders(auction, "waitlist", served, at);
}
