import { bidderAliasFor } from "../../../shared/ids.ts";
import type { PublicEvent } from "../../../shared/results.ts";
import type { Happening } from "../../support/naive/state.ts";
import type { Truth } from "./truth.ts";

/** What watchers must be told of each version, from what the replay says has happened. */
export function toldEvents({ auction, aliasSalt }: Truth): Told[] {
  const alias = (bidderId: string | null | undefined): string | null =>
    typeof bidderId === "string" ? bidderAliasFor(aliasSalt, bidderId) : null;
  return auction.happenings.map((happening, place) => ({
    version: place + 1,
    at: happening.at,
    ...told(happening, alias(happening.bidderId)),
  }));
}

type Told = { readonly type: PublicEvent["type"] } & Readonly<Record<string, unknown>>;

function told({ type, figure }: Happening, bidder: string | null): Told {
  switch (type) {
    case "auction_created":
      return { type: "created" };
    case "auction_opened":
      return { type: "opened" };
    case "bid_accepted":
    case "maximum_raised":
    case "bought_now":
      return { type: "bid", bidder, amount: figure };
    case "counter_bid":
      return { type: "bid", bidder, amount: figure, automatic: true };
    case "sealed_bid":
      return { type: "bid", bidder, amount: null };
    case "price_dropped":
      return { type: "price", price: figure };
    case "orders_placed":
      return { type: "sold" };
    case "waitlist_joined":
      return { type: "waitlisted", quantity: figure };
    case "orders_settled":
      return { type: "settled", orders: figure };
    case "auction_extended":
      return { type: "extended", endsAt: figure };
    case "end_changed":
      return { type: "end_changed", endsAt: figure };
    case "bids_retracted":
      return { type: "retracted", bidder };
    case "bidder_blocked":
      return { type: "administered" };
    case "auction_closed":
      return { type: "closed", winner: bidder, price: figure };
    case "auction_cancelled":
      return { type: "cancelled" };
    default:
      throw new Error(`${type} is told to nobody`);
  }
}
