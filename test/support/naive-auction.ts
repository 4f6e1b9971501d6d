/**
 * The english auction a second time, straight from the text of its rules and as plainly as it goes: it keeps every bid,
 * works everything out anew for each command, and counts money in BigInt. It imports nothing of the product, so that a
 * mistake there cannot hide here. Slow on purpose; the tests compare the two.
 */

export type NaiveReason =
  | "auction_not_found"
  | "auction_exists"
  | "auction_not_started"
  | "auction_closed"
  | "self_bid"
  | "bid_too_low"
  | "idempotency_key_reused"
  | "ends_in_the_past"
  | "internal_error";

export interface NaiveTerms {
  readonly startPrice: number;
  readonly increment: number | readonly { readonly from: number; readonly step: number }[];
  readonly startsAt?: number;
  readonly endsAt: number;
}

/** A command as it stands in the log; null where it cannot be read. */
export type NaiveCommand =
  | {
      readonly type: "bid";
      readonly bidderId: string;
      readonly key: string;
      readonly body: { readonly amount: number };
    }
  | { readonly type: "create"; readonly sellerId: string; readonly key: string; readonly body: NaiveTerms }
  | { readonly type: "tick" }
  | null;

export interface NaivePosition {
  readonly seq: number;
  readonly index: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface NaiveDecision extends NaivePosition {
  readonly kind: "bid" | "create" | "tick" | "unreadable";
  readonly actorId?: string;
  readonly key?: string;
  readonly outcome: "accepted" | "rejected" | "applied" | "duplicate";
  readonly reason?: NaiveReason;
  /** Of `bid_too_low`: the least that would have been accepted. */
  readonly minimumBid?: number;
  /** The auction after the command: how much has happened to it, and its price. */
  readonly version: number;
  readonly price: number | null;
  /** Of a duplicate: the decision that stands. */
  readonly first?: NaiveDecision;
}

interface NaiveBid {
  readonly bidderId: string;
  readonly amount: number;
  readonly at: number;
}

export interface NaiveAuction {
  terms: NaiveTerms | null;
  sellerId: string | null;
  startsAt: number;
  /** Everything that has happened, in order; its length is the version. */
  readonly happenings: ("created" | "opened" | "bid" | "closed")[];
  /** Every accepted bid, oldest first. */
  readonly bids: NaiveBid[];
  /** Who used which key first, for what, and what came of it. */
  readonly keys: Map<string, { readonly body: string; readonly decision: NaiveDecision }>;
}

export function newNaiveAuction(): NaiveAuction {
  return { terms: null, sellerId: null, startsAt: 0, happenings: [], bids: [], keys: new Map() };
}

/** Decides one command, changes `auction` accordingly, and says what came of it. */
export function naiveDecide(
  auction: NaiveAuction,
  command: NaiveCommand,
  position: NaivePosition,
): NaiveDecision {
  // "A command that cannot be read is refused and changes nothing."
  if (command === null) return decisionOf(auction, command, position, { reason: "internal_error" });
  if (command.type === "tick") {
    if (auction.terms === null)
      return decisionOf(auction, command, position, { reason: "auction_not_found" });
    meetDeadlines(auction, position.at);
    return decisionOf(auction, command, position, {});
  }
  // "The same key with the same body answers with the first outcome, with another body it is refused; the first stands."
  const name = `${command.type} ${actorOf(command)} ${command.key}`;
  const body = canonical(command.body);
  const taken = auction.keys.get(name);
  if (taken !== undefined) {
    const verdict: Verdict =
      taken.body === body ? { first: taken.decision } : { reason: "idempotency_key_reused" };
    return decisionOf(auction, command, position, verdict);
  }
  const verdict =
    command.type === "create" ? creation(auction, command, position) : bidding(auction, command, position);
  const decision = decisionOf(auction, command, position, verdict);
  auction.keys.set(name, { body, decision });
  return decision;
}

export function naiveStatus(auction: NaiveAuction): "scheduled" | "open" | "closed" | null {
  if (auction.terms === null) return null;
  if (auction.happenings.includes("closed")) return "closed";
  const openFromBirth = auction.happenings[0] === "created" && auction.startsAt === 0;
  return openFromBirth || auction.happenings.includes("opened") ? "open" : "scheduled";
}

/** The highest accepted amount, by looking at all of them. */
export function naivePrice(auction: NaiveAuction): number | null {
  return auction.bids.length === 0 ? null : Math.max(...auction.bids.map((bid) => bid.amount));
}

export function naiveLeader(auction: NaiveAuction): string | null {
  const price = naivePrice(auction);
  return auction.bids.find((bid) => bid.amount === price)?.bidderId ?? null;
}

/** The best bid of each bidder, highest first, the first twenty. */
export function naiveLeaderboard(auction: NaiveAuction): NaiveBid[] {
  const best = new Map<string, NaiveBid>();
  for (const bid of auction.bids) {
    const known = best.get(bid.bidderId);
    if (known === undefined || bid.amount > known.amount) best.set(bid.bidderId, bid);
  }
  return [...best.values()].sort((a, b) => b.amount - a.amount).slice(0, 20);
}

/** The least that a bid must offer now; null when no safe integer is enough. */
export function naiveMinimum(auction: NaiveAuction): number | null {
  const terms = auction.terms;
  if (terms === null) return null;
  const price = naivePrice(auction);
  if (price === null) return terms.startPrice;
  const least = BigInt(price) + BigInt(stepAt(terms.increment, price));
  return least > BigInt(Number.MAX_SAFE_INTEGER) ? null : Number(least);
}

interface Verdict {
  readonly reason?: NaiveReason;
  readonly minimumBid?: number;
  readonly first?: NaiveDecision;
}

function creation(
  auction: NaiveAuction,
  command: NaiveCommand & { type: "create" },
  { at }: NaivePosition,
): Verdict {
  if (auction.terms !== null) {
    meetDeadlines(auction, at);
    return { reason: "auction_exists" };
  }
  // "`at = endsAt` is late."
  if (at >= command.body.endsAt) return { reason: "ends_in_the_past" };
  auction.terms = command.body;
  auction.sellerId = command.sellerId;
  // An auction without a start, or whose start has come, is open from its birth: 0 stands for that here.
  const startsAt = command.body.startsAt ?? 0;
  auction.startsAt = startsAt > at ? startsAt : 0;
  auction.happenings.push("created");
  return {};
}

function bidding(
  auction: NaiveAuction,
  command: NaiveCommand & { type: "bid" },
  { at }: NaivePosition,
): Verdict {
  if (auction.terms === null) return { reason: "auction_not_found" };
  meetDeadlines(auction, at);
  if (at < auction.startsAt) return { reason: "auction_not_started" };
  if (at >= auction.terms.endsAt) return { reason: "auction_closed" };
  if (command.bidderId === auction.sellerId) return { reason: "self_bid" };
  const minimum = naiveMinimum(auction);
  if (minimum === null) return { reason: "bid_too_low" };
  if (command.body.amount < minimum) return { reason: "bid_too_low", minimumBid: minimum };
  auction.bids.push({ bidderId: command.bidderId, amount: command.body.amount, at });
  auction.happenings.push("bid");
  return {};
}

/** "First every deadline at or before `at`, then the command." */
function meetDeadlines(auction: NaiveAuction, at: number): void {
  if (auction.terms === null) return;
  if (naiveStatus(auction) === "scheduled" && auction.startsAt <= at) auction.happenings.push("opened");
  if (naiveStatus(auction) === "open" && auction.terms.endsAt <= at) auction.happenings.push("closed");
}

/** "The step of the highest tier whose `from` is at or below the price." */
function stepAt(increment: NaiveTerms["increment"], price: number): number {
  if (typeof increment === "number") return increment;
  const below = increment.filter((tier) => tier.from <= price);
  const highest = Math.max(...below.map((tier) => tier.from));
  return below.find((tier) => tier.from === highest)?.step ?? Number.NaN;
}

function decisionOf(
  auction: NaiveAuction,
  command: NaiveCommand,
  position: NaivePosition,
  { reason, minimumBid, first }: Verdict,
): NaiveDecision {
  const accepted = command?.type === "tick" ? "applied" : "accepted";
  return {
    kind: command === null ? "unreadable" : command.type,
    ...(command !== null && command.type !== "tick" && { actorId: actorOf(command), key: command.key }),
    outcome: reason !== undefined ? "rejected" : first !== undefined ? "duplicate" : accepted,
    ...(reason !== undefined && { reason }),
    ...(minimumBid !== undefined && { minimumBid }),
    ...(first !== undefined && { first }),
    ...position,
    version: auction.happenings.length,
    price: naivePrice(auction),
  };
}

function actorOf(command: NaiveCommand & { type: "bid" | "create" }): string {
  return command.type === "bid" ? command.bidderId : command.sellerId;
}

/** One text for equal bodies, in whatever order their fields came. */
function canonical(body: unknown): string {
  return JSON.stringify(body, (_name, value: unknown) =>
    value !== null && typeof value === "object" && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
