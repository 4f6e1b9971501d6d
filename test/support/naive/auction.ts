import type { Command, NaiveCommand, Terms } from "./commands.ts";
import { meetDeadlines } from "./deadlines.ts";
import { bidDrop } from "./drop.ts";
import { bidDutch, dutchEnd } from "./dutch.ts";
import { bidEnglish } from "./english.ts";
import { manage } from "./manage.ts";
import { bidSealed } from "./sealed.ts";
import {
  type Bid,
  happen,
  type NaiveAuction,
  type NaiveDecision,
  type NaivePosition,
  type Verdict,
} from "./state.ts";
import { naivePrice } from "./views.ts";

type Keyed = Exclude<Command, { type: "tick" }>;

/** Decides one command, changes `auction` accordingly, and says what came of it. */
export function naiveDecide(
  auction: NaiveAuction,
  command: NaiveCommand,
  position: NaivePosition,
): NaiveDecision {
  // "What cannot be read is refused as `internal_error` and changes nothing."
  if (command === null) return decisionOf(auction, command, position, { reason: "internal_error" });
  if (command.type === "tick") return decisionOf(auction, command, position, ticking(auction, position.at));
  // "Same key and body: the first outcome again. Same key, other body: refused, the first stands."
  const name = `${command.type} ${actorOf(command)} ${command.key}`;
  const body = canonical(command.body);
  const taken = auction.keys.get(name);
  if (taken !== undefined) {
    const verdict: Verdict =
      taken.body === body ? { first: taken.decision } : { reason: "idempotency_key_reused" };
    return decisionOf(auction, command, position, verdict);
  }
  const decision = decisionOf(auction, command, position, verdictOn(auction, command, position.at));
  auction.keys.set(name, { body, decision });
  return decision;
}

/** "Ticks only say look." */
function ticking(auction: NaiveAuction, at: number): Verdict {
  if (auction.terms === null) return { reason: "auction_not_found" };
  meetDeadlines(auction, at);
  return {};
}

function verdictOn(auction: NaiveAuction, command: Keyed, at: number): Verdict {
  meetDeadlines(auction, at);
  if (command.type === "create") return creation(auction, command, at);
  if (auction.terms === null) return { reason: "auction_not_found" };
  if (command.type === "manage") return manage(auction, command, at);
  return bidding(auction, auction.terms, command, at);
}

function creation(auction: NaiveAuction, command: Keyed & { type: "create" }, at: number): Verdict {
  if (auction.terms !== null) return { reason: "auction_exists" };
  const terms = command.body;
  // "A start that has passed is now."
  const startsAt = Math.max(terms.startsAt ?? at, at);
  const endsAt = terms.format === "dutch" ? dutchEnd(terms, startsAt) : terms.endsAt;
  if (endsAt <= at) return { reason: "ends_in_the_past" };
  if (terms.format === "english" && (terms.softClose?.windowMs ?? 0) > endsAt - startsAt)
    return { reason: "soft_close_too_long" };
  Object.assign(auction, { terms, startsAt, endsAt, sellerId: command.sellerId, rules: command.rules });
  auction.status = startsAt > at ? "scheduled" : "open";
  happen(auction, { type: "auction_created", at });
  return {};
}

function bidding(auction: NaiveAuction, terms: Terms, bid: Bid, at: number): Verdict {
  if (auction.status === "scheduled") return { reason: "auction_not_started" };
  if (auction.status === "closed") return { reason: "auction_closed" };
  if (auction.status === "cancelled") return { reason: "auction_cancelled" };
  if (bid.bidderId === auction.sellerId) return { reason: "self_bid" };
  if (auction.blocked.has(bid.bidderId)) return { reason: "bidder_blocked" };
  switch (terms.format) {
    case "english":
      return bidEnglish(auction, terms, bid, at);
    case "dutch":
      return bidDutch(auction, terms, bid, at);
    case "sealed":
      return bidSealed(auction, bid, at);
    case "drop":
      return bidDrop(auction, terms, bid, at);
  }
}

function decisionOf(
  auction: NaiveAuction,
  command: NaiveCommand,
  position: NaivePosition,
  verdict: Verdict,
): NaiveDecision {
  const accepted = command?.type === "tick" ? "applied" : "accepted";
  return {
    kind: command === null ? "unreadable" : command.type,
    ...(command !== null && command.type !== "tick" && { actorId: actorOf(command), key: command.key }),
    ...verdict,
    outcome: verdict.reason !== undefined ? "rejected" : verdict.first !== undefined ? "duplicate" : accepted,
    ...position,
    version: auction.happenings.length,
    price: naivePrice(auction),
  };
}

function actorOf(command: Keyed): string {
  switch (command.type) {
    case "bid":
      return command.bidderId;
    case "create":
      return command.sellerId;
    case "manage":
      return command.actorId;
  }
}

/** One text for equal bodies, in whatever order their fields came. */
function canonical(body: unknown): string {
  return JSON.stringify(body, (_name, value: unknown) =>
    value !== null && typeof value === "object" && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
