import { orderIdOf } from "../../shared/orders.ts";
import type { Auction } from "./auction.ts";
import { formatOf } from "./formats.ts";
import { expiredOrders, ordersPlaced } from "./order.ts";
import { rejected, type Rejection } from "./rejection.ts";
import type { Story } from "./story.ts";

/** Auctions that opened by older rules close without one, so that their logs replay to the same bytes. */
const FIRST_RULES_WITH_ORDERS = 2;

/** Ends the auction by its rules: whoever has won gets an order. */
export function close(story: Story): void {
  const { auction, atMs } = story;
  const winner = formatOf(auction).settle(auction);
  const winnerId = winner?.bidderId ?? null;
  const priceMinor = winner?.priceMinor ?? null;
  story.tell({ type: "auction_closed", winnerId, priceMinor, atMs });
  if (winner === null || auction.rules < FIRST_RULES_WITH_ORDERS) return;
  const { bidderId } = winner;
  const order = { bidderId, quantity: 1, unitPriceMinor: winner.priceMinor };
  story.tell(ordersPlaced(story.auction, "close", [order], atMs));
}

/** Settles pending orders; what comes back finds its next buyer. */
export function settle(
  story: Story,
  numbers: readonly number[],
  status: "confirmed" | "released" | "expired",
): void {
  story.tell({ type: "orders_settled", numbers, status, atMs: story.atMs });
  if (status === "confirmed" || story.auction.status === "cancelled") return;
  const { auction } = story;
  formatOf(auction).reassign(auction, story);
  if (auction.status === "closed" && wantsSecondChance(auction)) offerSecondChance(story);
}

const wantsSecondChance = ({ terms }: Auction): boolean =>
  (terms.format === "english" || terms.format === "sealed") && terms.settlement?.secondChance === true;

export function expire(story: Story): void {
  settle(story, expiredOrders(story.auction, story.atMs), "expired");
}

/** Offers the lot to the runner-up, once each, at what the format says; or why nobody can be offered it. */
export function offerSecondChance(story: Story): Rejection | { orderId: string } {
  const { auction, atMs } = story;
  const order = formatOf(auction).runnerUp(auction);
  if (order === null) return rejected("not_for_format");
  if (order === undefined) return rejected("no_runner_up");
  const placed = ordersPlaced(auction, "second_chance", [order], atMs);
  story.tell(placed);
  return { orderId: orderIdOf(auction.id, placed.first) };
}
