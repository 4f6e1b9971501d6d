import { dropRemaining, unitsWaitedFor } from "./drop.ts";
import { dutchPrice, dutchRemaining } from "./dutch.ts";
import { englishBoard, englishMinimum, englishPrice, reserveMet, standings } from "./english.ts";
import { sealedBids } from "./sealed.ts";
import { knowsSecondChance } from "./settlement.ts";
import type { NaiveAuction } from "./state.ts";

/** What an auction shows; worked out from all that was done, each time. */
export const naiveStatus = (auction: NaiveAuction): NaiveAuction["status"] | null =>
  auction.terms === null ? null : auction.status;

/** Of one thing for sale: the buyer of the last order, at its price. Where units are sold, nobody is the winner. */
export function naiveWinner(auction: NaiveAuction): { bidderId: string; price: number } | null {
  const last = auction.orders.at(-1);
  if (!knowsSecondChance(auction) || last === undefined) return null;
  return { bidderId: last.bidderId, price: last.unitPrice };
}

export function naivePrice(auction: NaiveAuction): number | null {
  const { terms, moves } = auction;
  const winner = naiveWinner(auction);
  if (winner !== null) return winner.price;
  switch (terms?.format) {
    case undefined:
    case "sealed":
      return null;
    case "english":
      return englishPrice(terms, moves);
    case "dutch":
      return dutchPrice(terms, auction.step);
    case "drop":
      return terms.price;
  }
}

/** Who leads an open auction, or has won. */
export function naiveLeader(auction: NaiveAuction): string | null {
  const winner = naiveWinner(auction);
  if (winner !== null) return winner.bidderId;
  if (auction.terms?.format !== "english" || auction.status !== "open") return null;
  return standings(auction.moves)[0]?.bidderId ?? null;
}

export function naiveLeaderboard({ terms, moves, status }: NaiveAuction): {
  bidderId: string;
  amount: number;
  at: number;
}[] {
  if (terms?.format === "english") return englishBoard(terms, moves);
  // "No amount is shown before the close, nor a leaderboard."
  if (terms?.format === "sealed" && status === "closed") return sealedBids(moves).slice(0, 20);
  return [];
}

/** "Accepted bids, revisions and raised maxima included, automatic counter-bids not"; and a buy-now, which stands nowhere. */
export const naiveBidCount = ({ moves, orders }: NaiveAuction): number =>
  moves.filter((move) => move.type === "bid").length +
  orders.filter((order) => order.source === "buy_now").length;

export function naiveRemaining(auction: NaiveAuction): number | undefined {
  if (auction.terms?.format === "dutch") return dutchRemaining(auction, auction.terms);
  if (auction.terms?.format === "drop") return dropRemaining(auction, auction.terms);
  return undefined;
}

export const naiveWaiting = (auction: NaiveAuction): number | undefined =>
  auction.terms?.format === "drop" ? unitsWaitedFor(auction) : undefined;

export const naiveReserveMet = ({ terms, moves }: NaiveAuction): boolean | undefined =>
  terms?.format === "english" && terms.reservePrice !== undefined ? reserveMet(terms, moves) : undefined;

/** The least that an accepted bid must offer now; null where nothing can be bid, no amount is asked, or it is a secret. */
export function naiveMinimum(auction: NaiveAuction): number | null {
  const { terms, moves, status } = auction;
  if (status !== "open" && status !== "scheduled") return null;
  if (terms?.format === "english") return englishMinimum(terms, moves);
  if (terms?.format === "dutch") return dutchPrice(terms, auction.step);
  return null;
}
