import type { ManageCommand } from "../../shared/commands.ts";
import type { ManageBody } from "../../shared/manage.ts";
import { orderNumberOf } from "../../shared/orders.ts";
import { unreachable } from "../../shared/unreachable.ts";
import type { Auction } from "./auction.ts";
import type { Accepted } from "./format.ts";
import { type OrderState, pendingOrders } from "./order.ts";
import { rejected, type Rejection } from "./rejection.ts";
import { close, offerSecondChance, settle } from "./settlement.ts";
import type { Story } from "./story.ts";

/** Commands of sellers, operators and buyers; `shared/manage.ts` says whose each is. The reason stays in the log with the command. */
export function decideManagement(story: Story, command: ManageCommand): Accepted | Rejection {
  const { body } = command;
  switch (body.action) {
    case "confirm":
    case "release":
    case "expire":
    case "second_chance":
      return decideOrder(story, command, body);
    case "block":
    case "unblock":
      if (command.role !== "operator") return rejected("not_permitted");
      return setBlocked(story, body.bidderId, body.action === "block");
    case "retract":
      if (command.role !== "operator") return rejected("not_permitted");
      return retract(story, body);
    case "cancel":
    case "end":
    case "change_end":
      if (!runsIt(story.auction, command)) return rejected("not_permitted");
      return decideRun(story, body);
    default:
      return unreachable(body);
  }
}

type ActionOf<A extends ManageBody["action"]> = Extract<ManageBody, { action: A }>;

/** The auction's own seller, or an operator. */
const runsIt = (auction: Auction, { role, actorId }: ManageCommand): boolean =>
  role === "operator" || (role === "seller" && actorId === auction.sellerId);

function decideRun(story: Story, body: ActionOf<"cancel" | "end" | "change_end">): Accepted | Rejection {
  const { auction, atMs } = story;
  if (auction.status === "closed") return rejected("auction_closed");
  if (auction.status === "cancelled") return rejected("auction_cancelled");
  switch (body.action) {
    case "cancel": {
      const pending = pendingOrders(auction);
      story.tell({ type: "auction_cancelled", reason: body.reason, atMs });
      if (pending.length > 0) settle(story, pending, "released");
      return {};
    }
    case "end":
      // Sells to the leader at once, as the end would have (eBay, "ending a listing early").
      if (auction.status === "scheduled") return rejected("auction_not_started");
      close(story);
      return {};
    case "change_end":
      if (auction.bidCount > 0) return rejected("has_bids");
      if (body.endsAt <= Math.max(atMs, auction.startsAtMs)) return rejected("end_not_in_future");
      story.tell({ type: "end_changed", endsAtMs: body.endsAt, reason: body.reason, atMs });
      return {};
    default:
      return unreachable(body);
  }
}

/** A blocked bidder's bids stand until they are retracted; a place on the waitlist is lost. */
function setBlocked(story: Story, bidderId: string, blocked: boolean): Accepted {
  const { auction, atMs } = story;
  if ((auction.bidders.get(bidderId)?.blocked ?? false) !== blocked)
    story.tell({ type: "bidder_blocked", bidderId, blocked, atMs });
  return {};
}

/** All bids of the bidder go, and the price is worked out anew from what stands (eBay, "canceling bids"). */
function retract(story: Story, body: ActionOf<"retract">): Accepted | Rejection {
  const { auction, atMs } = story;
  const { format } = auction.terms;
  if (format !== "english" && format !== "sealed") return rejected("not_for_format");
  if (auction.status === "closed") return rejected("auction_closed");
  if (auction.status === "cancelled") return rejected("auction_cancelled");
  if ((auction.bidders.get(body.bidderId)?.standing ?? null) === null)
    return rejected("no_such_standing_bid");
  story.tell({ type: "bids_retracted", bidderId: body.bidderId, reason: body.reason, atMs });
  return {};
}

function decideOrder(
  story: Story,
  command: ManageCommand,
  body: ActionOf<"confirm" | "release" | "expire" | "second_chance">,
): Accepted | Rejection {
  const { auction } = story;
  const order = auction.orders.get(orderNumberOf(auction.id, body.orderId) ?? 0);
  if (!mayHandle(auction, command, order)) return rejected("not_permitted");
  if (order === undefined) return rejected("order_not_found");
  if (body.action === "second_chance") {
    if (!passedOver(auction, order)) return rejected("order_not_passed_over");
    const offered = offerSecondChance(story);
    return "reason" in offered ? offered : { detail: offered };
  }
  if (order.status !== "pending") return rejected("order_not_pending");
  const status = ({ confirm: "confirmed", release: "released", expire: "expired" } as const)[body.action];
  settle(story, [order.number], status);
  return {};
}

/** A buyer may give up the own order, and learns of no other. */
function mayHandle(auction: Auction, command: ManageCommand, order: OrderState | undefined): boolean {
  const { body, role, actorId } = command;
  if (body.action === "expire") return role === "operator";
  if (body.action === "release" && order?.bidderId === actorId) return true;
  return runsIt(auction, command);
}

/** The order came to nothing, and nobody has had its place since. */
function passedOver(auction: Auction, order: OrderState): boolean {
  const isLast = order.number === auction.ordersPlaced;
  return isLast && (order.status === "released" || order.status === "expired");
}
