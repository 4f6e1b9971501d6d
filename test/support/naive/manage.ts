import type { Command, ManageBody } from "./commands.ts";
import { isLive, settleOrders } from "./orders.ts";
import { close, giveUp, knowsSecondChance, offerSecondChance } from "./settlement.ts";
import { happen, type NaiveAuction, type NaiveOrder, standingBids, type Verdict } from "./state.ts";

type Manage = Extract<Command, { type: "manage" }>;
type BodyOf<A extends ManageBody["action"]> = ManageBody & { readonly action: A };

export function manage(auction: NaiveAuction, command: Manage, at: number): Verdict {
  const { body } = command;
  switch (body.action) {
    case "cancel":
    case "end":
    case "change_end":
      return manageEnd(auction, command, body, at);
    case "block":
    case "unblock":
    case "retract":
      return manageBidder(auction, command, body, at);
    case "confirm":
    case "release":
    case "expire":
    case "second_chance":
      return manageOrder(auction, command, body, at);
  }
}

const isOperator = ({ role }: Manage): boolean => role === "operator";
/** Admitted as a seller, and the one of this auction. */
const isOwner = (auction: NaiveAuction, { actorId, role }: Manage): boolean =>
  role === "seller" && actorId === auction.sellerId;

function manageEnd(
  auction: NaiveAuction,
  command: Manage,
  body: BodyOf<"cancel" | "end" | "change_end">,
  at: number,
): Verdict {
  if (!isOperator(command) && !isOwner(auction, command)) return { reason: "not_permitted" };
  if (auction.status === "closed") return { reason: "auction_closed" };
  if (auction.status === "cancelled") return { reason: "auction_cancelled" };
  switch (body.action) {
    case "cancel":
      return cancel(auction, at);
    case "end":
      if (auction.status === "scheduled") return { reason: "auction_not_started" };
      close(auction, at);
      return {};
    case "change_end":
      if (auction.moves.some((move) => move.type === "bid")) return { reason: "has_bids" };
      if (body.endsAt <= at || body.endsAt <= auction.startsAt) return { reason: "end_not_in_future" };
      auction.endsAt = body.endsAt;
      happen(auction, { type: "end_changed", at, figure: body.endsAt });
      return {};
  }
}

/** "Nobody wins, pending orders are released, confirmed ones stand." */
function cancel(auction: NaiveAuction, at: number): Verdict {
  auction.status = "cancelled";
  auction.places.length = 0;
  happen(auction, { type: "auction_cancelled", at });
  const pending = auction.orders.filter((order) => order.status === "pending");
  if (pending.length > 0) settleOrders(auction, pending, "released", at);
  return {};
}

function manageBidder(
  auction: NaiveAuction,
  command: Manage,
  { action, bidderId }: BodyOf<"block" | "unblock" | "retract">,
  at: number,
): Verdict {
  if (!isOperator(command)) return { reason: "not_permitted" };
  if (action === "retract") return retract(auction, bidderId, at);
  // Nothing happens to whoever is blocked already, or is not.
  if (auction.blocked.has(bidderId) === (action === "block")) return {};
  if (action === "unblock") auction.blocked.delete(bidderId);
  else {
    auction.blocked.add(bidderId);
    // "Blocking a bidder takes the bidder off the waitlist."
    const others = auction.places.filter((place) => place.bidderId !== bidderId);
    auction.places.splice(0, Infinity, ...others);
  }
  happen(auction, { type: "bidder_blocked", at, bidderId });
  return {};
}

/** "All standings of the bidder go, the price follows from what is left; the bidder may bid again." */
function retract(auction: NaiveAuction, bidderId: string, at: number): Verdict {
  if (!knowsSecondChance(auction)) return { reason: "not_for_format" };
  if (auction.status === "closed") return { reason: "auction_closed" };
  if (auction.status === "cancelled") return { reason: "auction_cancelled" };
  if (!standingBids(auction.moves).some((bid) => bid.bidderId === bidderId))
    return { reason: "no_such_standing_bid" };
  auction.moves.push({ type: "retraction", bidderId });
  happen(auction, { type: "bids_retracted", at, bidderId });
  return {};
}

function manageOrder(
  auction: NaiveAuction,
  command: Manage,
  { action, orderId }: BodyOf<"confirm" | "release" | "expire" | "second_chance">,
  at: number,
): Verdict {
  const order = orderCalled(auction, orderId);
  if (!mayManage(auction, command, action, order)) return { reason: "not_permitted" };
  if (order === undefined) return { reason: "order_not_found" };
  if (action === "second_chance") return secondChance(auction, order, at);
  if (order.status !== "pending") return { reason: "order_not_pending" };
  if (action === "confirm") settleOrders(auction, [order], "confirmed", at);
  else giveUp(auction, [order], action === "release" ? "released" : "expired", at);
  return {};
}

function orderCalled(auction: NaiveAuction, orderId: string): NaiveOrder | undefined {
  return auction.orders.find((_, place) => `${auction.id}-${place + 1}` === orderId);
}

/** "`confirm`, `second_chance`: owner or operator; `release`: also the order's buyer; `expire`: operator." */
function mayManage(
  auction: NaiveAuction,
  command: Manage,
  action: ManageBody["action"],
  order: NaiveOrder | undefined,
): boolean {
  if (isOperator(command)) return true;
  if (action === "expire") return false;
  if (isOwner(auction, command)) return true;
  return action === "release" && order?.bidderId === command.actorId;
}

function secondChance(auction: NaiveAuction, order: NaiveOrder, at: number): Verdict {
  const last = auction.orders.at(-1);
  if (order !== last || isLive(order)) return { reason: "order_not_passed_over" };
  if (!knowsSecondChance(auction)) return { reason: "not_for_format" };
  const orderId = offerSecondChance(auction, at);
  return orderId === null ? { reason: "no_runner_up" } : { detail: { orderId } };
}
