import { bidIdFor } from "../../shared/ids.ts";
import type { AuctionEvent, EventOf } from "./events.ts";
import { publicBody, publicEvent, type PublicForm, publicId, publicKey } from "./public-form.ts";
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
  role?: DecisionEntry["role"] | null,
];

/**
 * The entries of an envelope as one line of JSON, as the database keeps them. Written out by hand, because this
 * and `wire-text.ts` are a third of what deciding a bid costs: what stands between quotes here are words of ours, ids and
 * keys, whose patterns leave nothing to escape.
 */
export function encodeEntries(entries: readonly DecisionEntry[]): string {
  let text = "[";
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i] as DecisionEntry;
    const { actorId, key, events } = entry;
    const actor = actorId === undefined ? "" : `,"${actorId}","${key}",${jsonOf(entry.body)}`;
    text += (i === 0 ? "" : ",") + entryText(entry, actor, events && eventsText(events));
  }
  return text + "]";
}

/** The same, and beside it what everybody may see (`public-form.ts`), in one pass: most of the two is the same text. */
export function encodeTwice(
  entries: readonly DecisionEntry[],
  form: PublicForm,
): { record: string; shown: string } {
  let record = "[";
  let shown = "[";
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i] as DecisionEntry;
    const { actorId, key, body, events } = entry;
    let actor = "";
    let shownActor = "";
    if (actorId !== undefined) {
      const text = jsonOf(body);
      const shownBody = publicBody(form, entry, i);
      actor = `,"${actorId}","${key}",${text}`;
      shownActor =
        `,"${publicId(form, actorId)}","${publicKey(form, entry)}",` +
        (shownBody === body ? text : jsonOf(shownBody));
    }
    const comma = i === 0 ? "" : ",";
    record += comma + entryText(entry, actor, events && eventsText(events));
    shown += comma + entryText(entry, shownActor, events && shownEventsText(events, form, i));
  }
  return { record: record + "]", shown: shown + "]" };
}

const jsonOf = (value: object | undefined): string => (value === undefined ? "null" : JSON.stringify(value));

function entryText(entry: DecisionEntry, actor: string, events: string | undefined): string {
  const { reason, minimumBid, of, detail, role } = entry;
  const head = `["${entry.kind}","${entry.outcome}",${entry.version},${entry.price}`;
  if (
    reason === undefined &&
    events === undefined &&
    of === undefined &&
    detail === undefined &&
    role === undefined
  )
    return `${head}${actor}]`;
  const why = `,${reason === undefined ? "null" : `"${reason}"`},${minimumBid ?? "null"}`;
  let then = "";
  if (role !== undefined) then = `,"${role}"`;
  if (detail !== undefined || then !== "") then = `,${jsonOf(detail)}${then}`;
  if (of !== undefined || then !== "") then = `,${jsonOf(of)}${then}`;
  if (events !== undefined || then !== "") then = `,${events ?? "null"}${then}`;
  return `${head}${actor || ",null,null,null"}${why}${then}]`;
}

function eventsText(events: readonly AuctionEvent[]): string {
  let text = "[";
  for (let i = 0; i < events.length; i++) {
    const event = events[i] as AuctionEvent;
    text +=
      (i === 0 ? "" : ",") + (isPlain(event) ? plainText(event, event.bidderId) : JSON.stringify(event));
  }
  return text + "]";
}

function shownEventsText(events: readonly AuctionEvent[], form: PublicForm, index: number): string {
  let text = "[";
  for (let i = 0; i < events.length; i++) {
    const event = events[i] as AuctionEvent;
    text += i === 0 ? "" : ",";
    text += isPlain(event)
      ? plainText(event, publicId(form, event.bidderId))
      : JSON.stringify(publicEvent(form, event, index));
  }
  return text + "]";
}

type PlainEvent = EventOf<"bid_accepted" | "counter_bid">;

/** The events of nearly every accepted bid. */
const isPlain = (event: AuctionEvent): event is PlainEvent =>
  event.type === "counter_bid" || (event.type === "bid_accepted" && event.maxMinor === undefined);

/** As JSON.stringify writes it. */
const plainText = ({ type, amountMinor, atMs }: PlainEvent, bidderId: string): string =>
  `{"type":"${type}","bidderId":"${bidderId}","amountMinor":${amountMinor},"atMs":${atMs}}`;

/** The entries that `encodeEntries` wrote for this auction. */
export function decodeEntries(auctionId: string, record: string): DecisionEntry[] {
  return (JSON.parse(record) as StoredEntry[]).map((stored) => {
    const [kind, outcome, version, price, actorId, key, body, reason, minimumBid, events, of, detail, role] =
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
    if (role) entry.role = role;
    return entry;
  });
}
