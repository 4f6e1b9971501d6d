import { bidIdFor } from "../../shared/ids.ts";
import type { DecisionEntry } from "./record.ts";

/**
 * How entries are stored: one JSON array a command, by position, without what follows from the rest. Half the bytes of
 * named fields, and bytes are what storing a decision costs. The SQL view `decisions` reads the same positions; a new
 * field goes to the end.
 */
type StoredEntry = [
  kind: DecisionEntry["kind"],
  outcome: DecisionEntry["outcome"],
  version: number,
  price: number | null,
  actorId?: string | null,
  key?: string | null,
  body?: object | null,
  reason?: DecisionEntry["reason"] | null,
  minimumBid?: number | null,
  events?: DecisionEntry["events"] | null,
  of?: DecisionEntry["of"] | null,
  detail?: DecisionEntry["detail"] | null,
];

/**
 * The entries of an envelope as one line of JSON; the audit chain hashes exactly this text. Written out by hand, because this
 * and `wire-text.ts` are a third of what deciding a bid costs: what stands between quotes here are words of ours, ids and
 * keys, whose patterns leave nothing to escape.
 */
export function encodeEntries(entries: readonly DecisionEntry[]): string {
  let text = "[";
  for (let i = 0; i < entries.length; i++)
    text += (i === 0 ? "" : ",") + encodeEntry(entries[i] as DecisionEntry);
  return text + "]";
}

function encodeEntry(entry: DecisionEntry): string {
  const { actorId, key, body, reason, minimumBid, events, of, detail } = entry;
  const head = `["${entry.kind}","${entry.outcome}",${entry.version},${entry.price}`;
  const actor = actorId === undefined ? "" : `,"${actorId}","${key}",${JSON.stringify(body)}`;
  if (reason === undefined && events === undefined && of === undefined && detail === undefined)
    return `${head}${actor}]`;
  const why = `,${reason === undefined ? "null" : `"${reason}"`},${minimumBid ?? "null"}`;
  const tail = [events, of, detail];
  while (tail.length > 0 && tail.at(-1) === undefined) tail.pop();
  let then = "";
  for (const part of tail) then += `,${part === undefined ? "null" : JSON.stringify(part)}`;
  return `${head}${actor || ",null,null,null"}${why}${then}]`;
}

/** The entries that `encodeEntries` wrote for this auction. */
export function decodeEntries(auctionId: string, record: string): DecisionEntry[] {
  return (JSON.parse(record) as StoredEntry[]).map((stored) => {
    const [kind, outcome, version, price, actorId, key, body, reason, minimumBid, events, of, detail] =
      stored;
    const entry: DecisionEntry = { kind, outcome, version, price };
    if (typeof actorId === "string") entry.actorId = actorId;
    if (typeof key === "string") entry.key = key;
    if (kind === "bid") entry.bidId = bidIdFor(auctionId, entry.actorId ?? "", entry.key ?? "");
    if (body) entry.body = body;
    if (reason) entry.reason = reason;
    if (typeof minimumBid === "number") entry.minimumBid = minimumBid;
    if (events) entry.events = events;
    if (of) entry.of = of;
    if (detail) entry.detail = detail;
    return entry;
  });
}
