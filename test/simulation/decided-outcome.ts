import { decodeEntries } from "../../core/auction/record-codec.ts";
import type { DecisionEntry } from "../../core/auction/record.ts";
import { outcomeOf, type Position } from "../../core/auction/record.ts";
import type { LogRow } from "../../core/shards/commit.ts";
import type { PendingCommand } from "../../edge/gateway/dispatcher.ts";
import type { Outcome } from "../../shared/outcomes.ts";
import type { Database } from "./database.ts";

type Named = Pick<PendingCommand, "kind" | "actorId" | "key">;

/** What a decision is known by: an auction and a key. */
export const decisionName = (auctionId: string, { kind, actorId, key }: Named): string =>
  `${kind} ${auctionId} ${actorId} ${key}`;

/** What the shards say of a command: its first decision; null while there is none. */
export function decidedOutcome(
  shards: readonly { readonly database: Database }[],
  auctionId: string,
  command: Named,
): Outcome | null {
  const name = decisionName(auctionId, command);
  for (const { database } of shards) {
    for (const row of database.log.values()) {
      if (row.auctionId !== auctionId) continue;
      for (const decision of firstDecisions(row)) if (decision.name === name) return decision.outcome;
    }
  }
  return null;
}

/** The decisions of a row that took a key: neither retries nor keys that were taken. */
export function firstDecisions(row: LogRow): { name: string; outcome: Outcome | null }[] {
  return decodeEntries(row.auctionId, row.record).flatMap((entry, index) =>
    isFirst(entry)
      ? [{ name: decisionName(row.auctionId, entry), outcome: outcomeOf(entry, toldPosition(row), index) }]
      : [],
  );
}

/** Before there is an auction, no receipt tells the chain. */
const toldPosition = ({ seq, atMs, toVersion, chain }: LogRow): Position =>
  toVersion > 0 ? { seq, atMs, chain } : { seq, atMs };

function isFirst(entry: DecisionEntry): entry is DecisionEntry & Named {
  const { kind, actorId, outcome, reason } = entry;
  if (actorId === undefined || outcome === "duplicate" || reason === "idempotency_key_reused") return false;
  return kind === "bid" || kind === "create" || kind === "manage";
}
