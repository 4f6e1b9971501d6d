import type { Outcome, RejectionReason } from "../../shared/outcomes.ts";
import type { AuctionEvent } from "./events.ts";

/**
 * One decided command. `record-codec.ts` says how the database keeps it.
 */
export interface DecisionEntry {
  kind: "bid" | "create" | "tick" | "unreadable";
  actorId?: string;
  key?: string;
  bidId?: string;
  /** The canonical body: the same key with another one is refused. */
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
  /** Position of the first decision of this key: sequence and index. */
  of?: readonly [seq: number, index: number];
}

/** Where an envelope stands in the log. */
export interface Position {
  readonly seq: number;
  readonly atMs: number;
}

/** The answer to the client whose command an entry decided; null where nobody waits for one. Built field by field: this is the hot path. */
export function outcomeOf(entry: DecisionEntry, position: Position, index: number): Outcome | null {
  const { kind, actorId, key, outcome: verdict } = entry;
  if (kind !== "bid" && kind !== "create") return null;
  if (verdict !== "accepted" && verdict !== "rejected") return null;
  if (actorId === undefined || key === undefined) return null;
  const outcome: Outcome = {
    kind,
    actorId,
    key,
    outcome: verdict,
    seq: position.seq,
    index,
    at: position.atMs,
    version: entry.version,
    price: entry.price,
  };
  if (entry.bidId !== undefined) outcome.bidId = entry.bidId;
  if (entry.reason !== undefined) outcome.reason = entry.reason;
  if (entry.minimumBid !== undefined) outcome.minimumBid = entry.minimumBid;
  if (kind === "bid") outcome.leading = verdict === "accepted";
  return outcome;
}
