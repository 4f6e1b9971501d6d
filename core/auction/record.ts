import type { ManageCommand } from "../../shared/commands.ts";
import type { Outcome, OutcomeDetail, RejectionReason } from "../../shared/outcomes.ts";
import { outcomeAt, type WireOutcome } from "../../shared/results.ts";
import type { AuctionEvent } from "./events.ts";

/**
 * One decided command. `record-codec.ts` says how the database keeps it.
 */
export interface DecisionEntry {
  kind: "bid" | "create" | "manage" | "tick" | "unreadable";
  actorId?: string;
  key?: string;
  bidId?: string;
  /** The canonical body: the same key with another one is refused. Missing where Postgres refuses it. */
  body?: object;
  /**
   * `applied`: a tick. `duplicate`: a retry, whose first outcome stands at `of`. Neither a duplicate nor a reused key
   * takes the key.
   */
  outcome: "accepted" | "rejected" | "applied" | "duplicate";
  reason?: RejectionReason;
  minimumBid?: number;
  /** The auction after this command. */
  version: number;
  price: number | null;
  events?: readonly AuctionEvent[];
  /** What the outcome says beyond its verdict. */
  detail?: OutcomeDetail;
  /** Position of the first decision of this key: sequence and index. */
  of?: readonly [seq: number, index: number];
  /** Of owners, operators and buyers, in auctions of rules 3 and later: what they were admitted as. */
  role?: ManageCommand["role"];
}

/** Where an envelope stands in the log. */
export interface Position {
  readonly seq: number;
  readonly atMs: number;
  /** The head of the audit chain after it, once it is known and where it may be told (`audit-link.ts`). */
  readonly chain?: string | undefined;
}

/** What its client is told of an entry, as it travels; null where nobody waits for it. Built field by field: this is the hot path. */
export function wireOutcomeOf(entry: DecisionEntry): WireOutcome | null {
  const { kind, actorId, key, outcome: verdict, version, price } = entry;
  if (kind !== "bid" && kind !== "create" && kind !== "manage") return null;
  if (verdict !== "accepted" && verdict !== "rejected") return null;
  if (actorId === undefined || key === undefined) return null;
  const outcome: WireOutcome = { actorId, key, outcome: verdict, version, price };
  if (kind !== "bid") outcome.kind = kind;
  if (entry.bidId !== undefined) outcome.bidId = entry.bidId;
  if (entry.reason !== undefined) outcome.reason = entry.reason;
  if (entry.minimumBid !== undefined) outcome.minimumBid = entry.minimumBid;
  const leading = leadingOf(entry);
  if (leading !== undefined) outcome.leading = leading;
  if (entry.detail !== undefined) outcome.detail = entry.detail;
  return outcome;
}

/** Whether the bidder of an accepted english bid leads after it; undefined for everything else. It follows from the events. */
export function leadingOf({ kind, actorId, outcome, events }: DecisionEntry): boolean | undefined {
  if (kind !== "bid" || outcome !== "accepted" || events === undefined) return undefined;
  for (let i = events.length - 1; i >= 0; i--) {
    const event = events[i] as AuctionEvent;
    if (event.type === "bid_accepted" || event.type === "maximum_raised" || event.type === "counter_bid")
      return event.bidderId === actorId;
  }
  return undefined;
}

/** The same for a retry of that entry's command: its first outcome, and where that stands. */
export function repeatedOutcomeOf(
  entry: DecisionEntry,
  position: Position,
  index: number,
): WireOutcome | null {
  const outcome = wireOutcomeOf(entry);
  if (outcome === null) return null;
  const { seq, atMs, chain } = position;
  outcome.first = chain === undefined ? [seq, index, atMs] : [seq, index, atMs, chain];
  return outcome;
}

/** The answer to the client whose command an entry decided; null where nobody waits for one. */
export function outcomeOf(entry: DecisionEntry, position: Position, index: number): Outcome | null {
  const outcomes: (WireOutcome | null)[] = [];
  outcomes[index] = wireOutcomeOf(entry);
  const { seq, atMs: at, chain } = position;
  return outcomeAt(chain === undefined ? { seq, at, outcomes } : { seq, at, chain, outcomes }, index);
}
