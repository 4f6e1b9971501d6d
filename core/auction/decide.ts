import type { BidCommand, Command, CreateCommand } from "../../shared/commands.ts";
import { unreachable } from "../../shared/unreachable.ts";
import type { Auction } from "./auction.ts";
import type { AuctionEvent } from "./events.ts";
import { evolve } from "./evolve.ts";
import { formats } from "./formats.ts";
import { rejected, type Rejection } from "./rejection.ts";

/** The events of a command, and why it was refused if it was; a refused command may still have met a deadline. */
export interface Decision {
  readonly events: readonly AuctionEvent[];
  readonly rejection?: Rejection;
}

const NO_EVENTS: readonly AuctionEvent[] = [];

/**
 * What a command does to an auction at `atMs` of the log's clock: first every deadline at or before `atMs`, then the
 * command. `atMs === endsAtMs` is late. Pure: the same arguments give the same decision, on any machine, for ever.
 * `auction` is null before its creation. Idempotency keys are the business of `decide-envelope.ts`.
 */
export function decide(auctionId: string, auction: Auction | null, command: Command, atMs: number): Decision {
  if (auction === null) return decideCreation(auctionId, command, atMs);
  const due = dueEvents(auction, atMs);
  const current = due.length === 0 ? auction : due.reduce<Auction>(evolve, auction);
  switch (command.type) {
    case "tick":
      return { events: due };
    case "create":
      return { events: due, rejection: rejected("auction_exists") };
    case "bid":
      return decideBid(current, command, { atMs, due });
    default:
      return unreachable(command);
  }
}

/** When the log's clock next changes this auction by itself, in ms since the epoch; null when it never does again. */
export function nextDeadlineMs(auction: Auction): number | null {
  switch (auction.status) {
    case "scheduled":
      return auction.startsAtMs;
    case "open":
      return auction.endsAtMs;
    case "closed":
      return null;
    default:
      return unreachable(auction.status);
  }
}

function decideCreation(auctionId: string, command: Command, atMs: number): Decision {
  if (command.type !== "create") return { events: NO_EVENTS, rejection: rejected("auction_not_found") };
  if (command.body.endsAt <= atMs) return { events: NO_EVENTS, rejection: rejected("ends_in_the_past") };
  return { events: [created(auctionId, command, atMs)] };
}

function created(auctionId: string, command: CreateCommand, atMs: number): AuctionEvent {
  const { sellerId, key, rules, aliasSalt, body: terms } = command;
  return { type: "auction_created", auctionId, sellerId, key, rules, aliasSalt, terms, atMs };
}

function decideBid(
  auction: Auction,
  bid: BidCommand,
  now: { atMs: number; due: readonly AuctionEvent[] },
): Decision {
  const refuse = (rejection: Rejection): Decision => ({ events: now.due, rejection });
  if (auction.status === "scheduled") return refuse(rejected("auction_not_started"));
  if (auction.status === "closed") return refuse(rejected("auction_closed"));
  if (bid.bidderId === auction.sellerId) return refuse(rejected("self_bid"));
  const decided = formats[auction.terms.format].decideBid(auction, bid, now.atMs);
  if ("reason" in decided) return refuse(decided);
  return { events: now.due.length === 0 ? decided : [...now.due, ...decided] };
}

/** Every deadline at or before `atMs`, in order: an auction that slept through its whole life opens and closes. */
function dueEvents(auction: Auction, atMs: number): readonly AuctionEvent[] {
  const deadline = nextDeadlineMs(auction);
  if (deadline === null || atMs < deadline) return NO_EVENTS;
  const event = deadlineEvent(auction, atMs);
  return [event, ...dueEvents(evolve(auction, event), atMs)];
}

function deadlineEvent(auction: Auction, atMs: number): AuctionEvent {
  if (auction.status === "scheduled") return { type: "auction_opened", atMs };
  return { type: "auction_closed", ...formats[auction.terms.format].settle(auction.book), atMs };
}
