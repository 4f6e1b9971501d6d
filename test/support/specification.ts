import { expect } from "vitest";
import type { Auction } from "../../core/auction/auction.ts";
import { decide, type Decision } from "../../core/auction/decide.ts";
import type { AuctionEvent } from "../../core/auction/events.ts";
import { evolve } from "../../core/auction/evolve.ts";
import { formats } from "../../core/auction/formats.ts";
import { renderLive } from "../../core/auction/render.ts";
import type { AuctionStatus } from "../../shared/auctions.ts";
import type { Command } from "../../shared/commands.ts";
import type { RejectionReason } from "../../shared/outcomes.ts";
import { AUCTION_ID, START_MS } from "./builders.ts";

/** A command at a moment of the log's clock. A bare command happens at the moment of the one before it. */
export interface Step {
  readonly command: Command;
  readonly atMs: number;
}

/** What a test may say of a decision and of the auction after it; what it leaves out is not looked at. */
export interface Facts {
  outcome?: "accepted" | RejectionReason;
  /** What the refusal names as the least that would have been accepted; null: it names nothing. */
  refusedBelow?: number | null;
  events?: readonly AuctionEvent["type"][];
  status?: AuctionStatus;
  version?: number;
  priceMinor?: number | null;
  minimumBidMinor?: number | null;
  leader?: string | null;
  bidCount?: number;
  /** Bidders of the leaderboard, highest first. */
  leaders?: readonly string[];
  winner?: string | null;
  /** What the winner pays. */
  soldForMinor?: number | null;
}

export interface Examined {
  readonly decision: Decision;
  readonly auction: Auction | null;
  expect(facts: Facts): Examined;
}

/** `given(create(), bid(alice, 1_000)).when(bid(bob, 1_100)).expect({ leader: bob })`. */
export function given(...history: readonly (Command | Step)[]): { when(asked: Command | Step): Examined } {
  let auction: Auction | null = null;
  let atMs = START_MS;
  for (const entry of history) {
    const step = stepOf(entry, atMs);
    const { decision, auction: next } = decided(auction, step);
    // A given that did not happen would make the rest of the sentence say something else than it reads.
    if (decision.rejection)
      throw new Error(`given ${step.command.type} was refused: ${decision.rejection.reason}`);
    auction = next;
    atMs = step.atMs;
  }
  return {
    when(asked) {
      const { decision, auction: next } = decided(auction, stepOf(asked, atMs));
      return examined(decision, next);
    },
  };
}

export const at = (atMs: number, command: Command): Step => ({ command, atMs });

function stepOf(entry: Command | Step, atMs: number): Step {
  return "command" in entry ? entry : { command: entry, atMs };
}

function decided(
  auction: Auction | null,
  { command, atMs }: Step,
): { decision: Decision; auction: Auction | null } {
  const decision = decide(AUCTION_ID, auction, command, atMs);
  return { decision, auction: decision.events.reduce<Auction | null>(evolve, auction) };
}

function examined(decision: Decision, auction: Auction | null): Examined {
  const self: Examined = {
    decision,
    auction,
    expect(facts) {
      const known = factsOf(decision, auction);
      const asked = Object.fromEntries(Object.keys(facts).map((name) => [name, known[name as keyof Facts]]));
      expect(asked).toEqual(facts);
      return self;
    },
  };
  return self;
}

function factsOf(decision: Decision, auction: Auction | null): Facts {
  const ofDecision: Facts = {
    outcome: decision.rejection?.reason ?? "accepted",
    refusedBelow: decision.rejection?.minimumBid ?? null,
    events: decision.events.map((event) => event.type),
  };
  const closing = decision.events.find((event) => event.type === "auction_closed");
  if (closing !== undefined) {
    ofDecision.winner = closing.winnerId;
    ofDecision.soldForMinor = closing.priceMinor;
  }
  if (auction === null) return { ...ofDecision, version: 0 };
  const format = formats[auction.terms.format];
  return {
    ...ofDecision,
    status: auction.status,
    version: auction.version,
    priceMinor: format.price(auction.book),
    minimumBidMinor: renderLive(auction).minimumBid,
    leader: format.leaderId(auction.book),
    bidCount: format.bidCount(auction.book),
    leaders: format.leaders(auction.book).map((leader) => leader.bidderId),
  };
}
