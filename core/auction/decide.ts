import { BID_FIELDS } from "../../shared/bids.ts";
import type { BidCommand, Command, CreateCommand } from "../../shared/commands.ts";
import type { OutcomeDetail } from "../../shared/outcomes.ts";
import type { AuctionFormat } from "../../shared/terms.ts";
import { unreachable } from "../../shared/unreachable.ts";
import type { Auction } from "./auction.ts";
import { meetDeadlines } from "./deadlines.ts";
import type { AuctionEvent } from "./events.ts";
import { evolve } from "./evolve.ts";
import type { Accepted, Format } from "./format.ts";
import { formatOf } from "./formats.ts";
import { decideManagement } from "./manage.ts";
import { misfit, rejected, type Rejection } from "./rejection.ts";
import { beginStory, type Story } from "./story.ts";

/** What came of a command; a refused command may still have met a deadline. */
export interface Decision {
  readonly events: readonly AuctionEvent[];
  /** The auction after the events. */
  readonly auction: Auction | null;
  readonly rejection?: Rejection;
  /** What an accepted command's outcome says beyond that. */
  readonly detail?: OutcomeDetail;
}

/**
 * What a command does to an auction at `atMs` of the log's clock: first every deadline at or before `atMs`, then the
 * command. `atMs === endsAtMs` is late. Pure: the same arguments give the same decision, on any machine, for ever.
 * `auction` is null before its creation. Idempotency keys are the business of `decide-envelope.ts`.
 */
export function decide(auctionId: string, auction: Auction | null, command: Command, atMs: number): Decision {
  if (auction === null) return decideCreation(auctionId, command, atMs);
  const story = beginStory(auction, atMs);
  meetDeadlines(story);
  switch (command.type) {
    case "tick":
      return decisionOf(story, {});
    case "create":
      return decisionOf(story, rejected("auction_exists"));
    case "bid":
      return decisionOf(story, decideBid(story, command));
    case "manage":
      return decisionOf(story, decideManagement(story, command));
    default:
      return unreachable(command);
  }
}

function decisionOf({ events, auction }: Story, verdict: Accepted | Rejection): Decision {
  if ("reason" in verdict) return { events, auction, rejection: verdict };
  return verdict.detail === undefined ? { events, auction } : { events, auction, detail: verdict.detail };
}

function decideBid(story: Story, bid: BidCommand): Accepted | Rejection {
  const { auction } = story;
  switch (auction.status) {
    case "scheduled":
      return rejected("auction_not_started");
    case "closed":
      return rejected("auction_closed");
    case "cancelled":
      return rejected("auction_cancelled");
    case "open":
      if (bid.bidderId === auction.sellerId) return rejected("self_bid");
      if (auction.bidders.get(bid.bidderId)?.blocked === true) return rejected("bidder_blocked");
      return decideFitting(formatOf(auction), bid, story);
    default:
      return unreachable(auction.status);
  }
}

function decideFitting(format: Format<AuctionFormat>, bid: BidCommand, story: Story): Accepted | Rejection {
  const foreign = BID_FIELDS.find(
    (field) => bid.body[field] !== undefined && !format.bidFields.includes(field),
  );
  return foreign === undefined ? format.decideBid(story.auction, bid, story) : misfit(foreign);
}

function decideCreation(auctionId: string, command: Command, atMs: number): Decision {
  if (command.type !== "create") return refusedCreation(rejected("auction_not_found"));
  const event = created(auctionId, command, atMs);
  const auction = evolve(null, event);
  if (auction.endsAtMs <= atMs) return refusedCreation(rejected("ends_in_the_past"));
  const { terms } = auction;
  // The schema has looked at a start that was named; one that is "now" only the log's clock knows.
  if (terms.format === "english" && (terms.softClose?.windowMs ?? 0) > auction.endsAtMs - auction.startsAtMs)
    return refusedCreation(rejected("soft_close_too_long"));
  return { events: [event], auction };
}

const refusedCreation = (rejection: Rejection): Decision => ({ events: [], auction: null, rejection });

function created(auctionId: string, command: CreateCommand, atMs: number): AuctionEvent {
  const { sellerId, key, rules, aliasSalt, secretSalt, body: terms } = command;
  const event = { type: "auction_created" as const, auctionId, sellerId, key, rules, aliasSalt };
  return secretSalt === undefined ? { ...event, terms, atMs } : { ...event, secretSalt, terms, atMs };
}
