import { expect } from "vitest";
import type { Auction } from "../../core/auction/auction.ts";
import { bidderOf } from "../../core/auction/bidder.ts";
import { nextDeadlineMs } from "../../core/auction/deadlines.ts";
import { decide, type Decision } from "../../core/auction/decide.ts";
import type { AuctionEvent } from "../../core/auction/events.ts";
import { evolve } from "../../core/auction/evolve.ts";
import { formatOf } from "../../core/auction/formats.ts";
import { publicPrice, renderLive } from "../../core/auction/render.ts";
import type { AuctionStatus } from "../../shared/auctions.ts";
import type { Command } from "../../shared/commands.ts";
import type { OutcomeDetail, RejectionReason } from "../../shared/outcomes.ts";
import { AUCTION_ID, START_MS } from "./builders.ts";
import { plainAuction } from "./plain-auction.ts";

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
  /** What the outcome says beyond its verdict; null: nothing. */
  detail?: OutcomeDetail | null;
  events?: readonly AuctionEvent["type"][];
  status?: AuctionStatus;
  version?: number;
  endsAtMs?: number;
  /** When the log's clock next changes the auction by itself. */
  nextDeadlineMs?: number | null;
  priceMinor?: number | null;
  minimumBidMinor?: number | null;
  leader?: string | null;
  bidCount?: number;
  /** Bidders of the leaderboard, highest first. */
  leaders?: readonly string[];
  /** Their amounts. */
  leadersAtMinor?: readonly number[];
  /** English with a reserve, English with a buy-now price; undefined without. */
  reserveMet?: boolean | undefined;
  buyNowAvailable?: boolean | undefined;
  winner?: string | null;
  /** What the winner pays. */
  soldForMinor?: number | null;
  /** Every order in the order of its number: `"1 alice 2x2500 pending"`. */
  orders?: readonly string[];
  /** Dutch and drop: units that nobody has; drop: units that are waited for. */
  remaining?: number | undefined;
  waiting?: number | undefined;
  /** Who waits for how many, the first place first: `"bob 2"`. */
  waitlist?: readonly string[];
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
  const next = decision.events.reduce<Auction | null>(evolve, auction);
  // What `decide` says it has become must be what a replay of the events makes of it (I2).
  expect(plainAuction(decision.auction)).toEqual(plainAuction(next));
  return { decision, auction: next };
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
  const { rejection, events, detail } = decision;
  const ofDecision: Facts = {
    outcome: rejection?.reason ?? "accepted",
    refusedBelow: rejection?.minimumBid ?? null,
    detail: detail ?? rejection?.detail ?? null,
    events: events.map((event) => event.type),
  };
  return auction === null ? { ...ofDecision, version: 0 } : { ...ofDecision, ...factsOfAuction(auction) };
}

function factsOfAuction(auction: Auction): Facts {
  const { minimumBid, reserveMet, buyNowAvailable, remaining, waiting } = renderLive(auction);
  const leaders = formatOf(auction).leaders(auction);
  return {
    status: auction.status,
    version: auction.version,
    endsAtMs: auction.endsAtMs,
    nextDeadlineMs: nextDeadlineMs(auction),
    priceMinor: publicPrice(auction),
    minimumBidMinor: minimumBid,
    leader: leaders[0]?.bidderId ?? null,
    bidCount: auction.bidCount,
    leaders: leaders.map(({ bidderId }) => bidderId),
    leadersAtMinor: leaders.map(({ amountMinor }) => amountMinor),
    reserveMet,
    buyNowAvailable,
    winner: auction.winner?.bidderId ?? null,
    soldForMinor: auction.winner?.priceMinor ?? null,
    orders: ordersOf(auction),
    remaining,
    waiting,
    waitlist: waitlistOf(auction),
  };
}

function ordersOf({ orders }: Auction): string[] {
  return [...orders.values()]
    .sort((a, b) => a.number - b.number)
    .map(
      ({ number, bidderId, quantity, unitPriceMinor, status }) =>
        `${number} ${bidderId} ${quantity}x${unitPriceMinor} ${status}`,
    );
}

function waitlistOf({ queue, bidders }: Auction): string[] {
  return [...queue]
    .sort(([a], [b]) => a - b)
    .map(([place, bidderId]) => {
      const held = bidderOf(bidders, bidderId).waiting.find((waiting) => waiting.place === place);
      return `${bidderId} ${held?.quantity ?? "nothing"}`;
    });
}
