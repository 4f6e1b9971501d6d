import type { Command, Terms } from "./commands.ts";

/**
 * What the naive model remembers of an auction: everything that was asked and done, and nothing that could be worked out
 * from it. It is the rules of `core/README.md` a second time, straight from their text and as plainly as they go. It
 * imports nothing of the product, so that a mistake there cannot hide here; money is added in BigInt. Slow on purpose.
 */
export interface NaiveAuction {
  readonly id: string;
  /** By which it opened; 0 before the creation. */
  rules: number;
  /** Null before the creation. */
  terms: Terms | null;
  sellerId: string;
  status: "scheduled" | "open" | "closed" | "cancelled";
  startsAt: number;
  endsAt: number;
  /** How often a bid in the soft-close window has moved the end. */
  extensions: number;
  /** Everything that has happened, in order; its length is the version. */
  readonly happenings: Happening[];
  /** Every accepted bid and every retraction, oldest first. */
  readonly moves: Move[];
  readonly blocked: Set<string>;
  /** Every order; its number is its place, counted from 1. */
  readonly orders: NaiveOrder[];
  /** Places in the waitlist, the first to be served first. */
  readonly places: Place[];
  /** Dutch: how many steps the clock has reached. */
  step: number;
  /** Who used which key first, for what, and what came of it. */
  readonly keys: Map<string, { readonly body: string; readonly decision: NaiveDecision }>;
}

/** One version step. */
export interface Happening {
  readonly type: string;
  readonly at: number;
  readonly bidderId?: string | null;
  /** The amount that a bid shows, the price after a step or a close, the new end: what the step is about. */
  readonly figure?: number | null;
}

export type Move =
  | { readonly type: "retraction"; readonly bidderId: string }
  | {
      readonly type: "bid";
      readonly bidderId: string;
      readonly at: number;
      readonly amount?: number | undefined;
      readonly maxAmount?: number | undefined;
      /** English: the leader has only raised the own maximum. */
      readonly raise?: true;
    };

export interface NaiveOrder {
  readonly bidderId: string;
  readonly quantity: number;
  readonly unitPrice: number;
  readonly source: "close" | "buy_now" | "bid" | "waitlist" | "second_chance";
  readonly createdAt: number;
  readonly expiresAt: number | null;
  status: "pending" | "confirmed" | "released" | "expired";
}

export interface Place {
  readonly bidderId: string;
  quantity: number;
}

export interface NaivePosition {
  readonly seq: number;
  readonly index: number;
  /** The log's clock, milliseconds since the epoch. */
  readonly at: number;
}

/** What a command came to, before it is put into its place in the log. */
export interface Verdict {
  readonly reason?: string;
  /** Of `bid_too_low`: the least that would have been accepted. */
  readonly minimumBid?: number;
  /** What the outcome says beyond that. */
  readonly detail?: Readonly<Record<string, unknown>>;
  /** Of an accepted english offer: whether its bidder leads after it. */
  readonly leading?: boolean;
  /** Of a duplicate: the decision that stands. */
  readonly first?: NaiveDecision;
}

export interface NaiveDecision extends NaivePosition, Verdict {
  readonly kind: "bid" | "create" | "manage" | "tick" | "unreadable";
  readonly actorId?: string;
  readonly key?: string;
  readonly outcome: "accepted" | "rejected" | "applied" | "duplicate";
  /** The auction after the command: how much has happened to it, and its price. */
  readonly version: number;
  readonly price: number | null;
}

export type TermsOf<F extends Terms["format"]> = Extract<Terms, { format: F }>;
export type Bid = Extract<Command, { type: "bid" }>;

export function newNaiveAuction(id: string): NaiveAuction {
  return {
    id,
    rules: 0,
    terms: null,
    sellerId: "",
    status: "scheduled",
    startsAt: 0,
    endsAt: 0,
    extensions: 0,
    happenings: [],
    moves: [],
    blocked: new Set(),
    orders: [],
    places: [],
    step: 0,
    keys: new Map(),
  };
}

/** "An auction that ends early has ended then." */
export function shut(auction: NaiveAuction, at: number): void {
  auction.status = "closed";
  if (at < auction.endsAt) auction.endsAt = at;
}

export function happen(auction: NaiveAuction, happening: Happening): void {
  auction.happenings.push(happening);
}

/** The accepted bids that no later retraction has taken away, oldest first. */
export function standingBids(moves: readonly Move[]): Extract<Move, { type: "bid" }>[] {
  return moves.filter(
    (move, place) =>
      move.type === "bid" &&
      !moves.slice(place).some((later) => later.type === "retraction" && later.bidderId === move.bidderId),
  ) as Extract<Move, { type: "bid" }>[];
}

/** A bid of the wrong shape: "names the field". */
export const notForFormat = (field: string): Verdict => ({
  reason: "bid_not_for_format",
  detail: { field: `/${field}` },
});
