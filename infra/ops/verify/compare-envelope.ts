import type { Auction } from "../../../core/auction/auction.ts";
import { identityOf } from "../../../core/auction/identity.ts";
import { publicEntry } from "../../../core/auction/public-form.ts";
import { decodeEntries } from "../../../core/auction/record-codec.ts";
import type { DecisionEntry } from "../../../core/auction/record.ts";
import type { ReplayedEnvelope } from "../../../core/auction/replay.ts";
import { takenId } from "../../../core/sequencer/keys/taken-id.ts";
import { type Difference, firstDifference, shownValue } from "./difference.ts";
import type { StoredEnvelope } from "./stored-auction.ts";

const LINK_MEANS = "this row, or one before it, was changed, removed or moved";

/** What of a stored envelope is not what the replay makes of it; undefined when all of it is. `before`: its version then. */
export function compareEnvelope(
  auctionId: string,
  stored: StoredEnvelope,
  replayed: ReplayedEnvelope & { readonly slot: number },
): Difference | undefined {
  const { decision, record, chain, slot } = replayed;
  const differs = (
    column: string,
    expected: unknown,
    found: unknown,
    means?: string,
  ): Difference | undefined =>
    expected === found
      ? undefined
      : {
          table: "decision_log",
          row: `seq ${stored.seq}`,
          column,
          expected: shownValue(expected),
          found: shownValue(found),
          ...(means === undefined ? {} : { means }),
        };
  return (
    differs("slot", slot, stored.slot) ??
    differs(
      "from_version",
      decision.fromVersion,
      stored.fromVersion,
      "rows before it are missing or were changed",
    ) ??
    (record === stored.record ? undefined : compareRecords(auctionId, stored, decision)) ??
    differs("to_version", decision.toVersion, stored.toVersion) ??
    differs("chain", chain, stored.chain, LINK_MEANS) ??
    differs("fingerprints", fingerprintsOf(auctionId, decision.entries), stored.fingerprints)
  );
}

/** By their public forms: what may not be shown differs as commitments there, and bidders by alias. */
function compareRecords(
  auctionId: string,
  stored: StoredEnvelope,
  { entries, auction }: { entries: readonly DecisionEntry[]; auction: Auction | null },
): Difference {
  const found = decodeEntries(auctionId, stored.record);
  const row = `seq ${stored.seq}`;
  if (found.length !== entries.length)
    return {
      table: "decision_log",
      row,
      column: "record",
      expected: `${entries.length} entries`,
      found: `${found.length}`,
    };
  const index = found.findIndex((entry, i) => firstDifference(plain(entries[i]), plain(entry)) !== undefined);
  const [expectedEntry, foundEntry] = [entries[index], found[index]];
  if (auction === null || expectedEntry === undefined || foundEntry === undefined)
    return {
      table: "decision_log",
      row,
      column: "record",
      expected: "what the rules decide",
      found: "something else",
    };
  const form = { auction, seq: stored.seq };
  const difference = firstDifference(
    plain(publicEntry(form, expectedEntry, index)),
    plain(publicEntry(form, foundEntry, index)),
  );
  return {
    table: "decision_log",
    row: `seq ${stored.seq}, command ${index + 1}`,
    column: `record, ${difference?.path ?? "body"}`,
    expected: difference === undefined ? "what the rules decide" : shownValue(difference.expected),
    found: difference === undefined ? "something else" : shownValue(difference.found),
  };
}

const plain = (entry: DecisionEntry | undefined): unknown => JSON.parse(JSON.stringify(entry ?? null));

/** Twelve hex digits of each key that the envelope took. */
function fingerprintsOf(auctionId: string, entries: readonly DecisionEntry[]): string {
  let text = "";
  for (const entry of entries) {
    const id = takenId(auctionId, entry);
    if (id !== undefined) text += identityOf(id).fingerprint.toString(16).padStart(12, "0");
  }
  return text;
}
