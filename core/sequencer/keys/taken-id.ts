import { auctionIdFor, manageIdFor } from "../../../shared/ids.ts";
import type { DecisionEntry } from "../../auction/record.ts";

/** The identity whose key this decision took; undefined for those without a key, duplicates and reused keys. */
export function takenId(auctionId: string, entry: DecisionEntry): string | undefined {
  if (entry.outcome === "duplicate" || entry.reason === "idempotency_key_reused") return undefined;
  const { actorId = "", key = "" } = entry;
  switch (entry.kind) {
    case "bid":
      return entry.bidId;
    case "create":
      return auctionIdFor(actorId, key);
    case "manage":
      return manageIdFor(auctionId, actorId, key);
    case "tick":
    case "unreadable":
      return undefined;
  }
}
