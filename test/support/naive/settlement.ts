import { serveWaitlist } from "./drop.ts";
import { englishRunnerUp, englishSale, type Sale } from "./english.ts";
import { isLive, placeOrders, settleOrders } from "./orders.ts";
import { sealedSale } from "./sealed.ts";
import { happen, type NaiveAuction, type NaiveOrder, shut } from "./state.ts";

/** The end has come. "A close with a winner places an order." */
export function close(auction: NaiveAuction, at: number): void {
  const sale = saleOf(auction);
  shut(auction, at);
  happen(auction, {
    type: "auction_closed",
    at,
    bidderId: sale?.bidderId ?? null,
    figure: sale?.unitPrice ?? null,
  });
  // "By rules 1 a close places none."
  if (sale !== null && auction.rules > 1) placeOrders(auction, "close", [{ ...sale, quantity: 1 }], at);
}

function saleOf({ terms, moves }: NaiveAuction): Sale | null {
  if (terms?.format === "english") return englishSale(terms, moves);
  if (terms?.format === "sealed") return sealedSale(terms, moves, () => false);
  return null;
}

/** Orders end `released` or `expired`, and their units go to who is next. */
export function giveUp(
  auction: NaiveAuction,
  orders: readonly NaiveOrder[],
  status: "released" | "expired",
  at: number,
): void {
  settleOrders(auction, orders, status, at);
  const { terms } = auction;
  if (terms?.format === "drop") {
    // "The waitlist outlives the end, not a cancellation."
    if (auction.status !== "cancelled") serveWaitlist(auction, terms, at);
  } else if (terms !== null && terms.format !== "dutch" && terms.settlement?.secondChance) {
    offerSecondChance(auction, at);
  }
}

/** Auctions of one thing, of which one bidder is the winner. */
export const knowsSecondChance = ({ terms }: NaiveAuction): boolean =>
  terms?.format === "english" || terms?.format === "sealed";

/** "After the last order was released or expired": the new order's id, or null. "Nobody is offered it twice." */
export function offerSecondChance(auction: NaiveAuction, at: number): string | null {
  const last = auction.orders.at(-1);
  if (last === undefined || isLive(last)) return null;
  const next = runnerUp(auction);
  if (next === null) return null;
  placeOrders(auction, "second_chance", [{ ...next, quantity: 1 }], at);
  return `${auction.id}-${auction.orders.length}`;
}

function runnerUp({ terms, moves, orders, blocked }: NaiveAuction): Sale | null {
  const passedOver = (bidderId: string): boolean =>
    blocked.has(bidderId) || orders.some((order) => order.bidderId === bidderId);
  if (terms?.format === "english") return englishRunnerUp(terms, moves, passedOver);
  if (terms?.format === "sealed") return sealedSale(terms, moves, passedOver);
  return null;
}
