import { hash } from "node:crypto";
import type { BidBody } from "../../shared/bids.ts";
import { auctionIdFor } from "../../shared/ids.ts";
import type { ManageBody } from "../../shared/manage.ts";
import { unreachable } from "../../shared/unreachable.ts";
import { aliasFor } from "./aliases.ts";
import type { AuctionState } from "./auction.ts";
import { type Commitment, commitmentTo, hiddenWords, itemSaltFor, type Reveal } from "./commitment.ts";
import type { AuctionEvent } from "./events.ts";
import type { DecisionEntry } from "./record.ts";

/**
 * How the entries of one envelope look to everybody: the same log with aliases for ids, public ids for keys, no salts, and a
 * commitment for each value that is nobody's business yet. The rules take ids and keys as they come, so once the values
 * are revealed this log can be decided again and must give the same entries; `infra/verify-audit` does.
 */
export interface PublicForm {
  readonly auction: Pick<AuctionState, "id" | "aliasSalt" | "secretSalt" | "terms">;
  readonly seq: number;
  /** Filled with what opens the commitments, where somebody may see that. */
  readonly reveals?: Reveal[];
}

/** An entry as everybody may see it. Its body and events may have commitments where the types say numbers. */
export function publicEntry(form: PublicForm, entry: DecisionEntry, index: number): DecisionEntry {
  const shown: DecisionEntry = { ...entry };
  delete shown.body;
  const { actorId } = entry;
  if (actorId !== undefined) {
    shown.actorId = publicId(form, actorId);
    shown.key = publicKey(form, entry);
    const body = publicBody(form, entry, index);
    if (body !== undefined) shown.body = body;
  }
  if (entry.events !== undefined) shown.events = entry.events.map((event) => publicEvent(form, event, index));
  return shown;
}

export const publicId = ({ auction }: PublicForm, id: string): string => aliasFor(auction.aliasSalt, id);

/**
 * What a key is known by: a bid's by the bid's id, which its bidder has and everybody may see; the auction's own by the
 * auction's. Others are not known to anybody, and a digest without a salt would let their actors be guessed.
 */
export function publicKey(
  form: PublicForm,
  entry: Pick<DecisionEntry, "kind" | "actorId" | "key" | "bidId">,
): string {
  const { kind, actorId = "", key = "", bidId } = entry;
  if (bidId !== undefined) return bidId;
  const { id, secretSalt } = form.auction;
  if (kind === "create" && auctionIdFor(actorId, key) === id) return id;
  return hash("sha256", `key/${secretSalt}/${actorId}/${key}`, "base64url").slice(0, 22);
}

/** The body, or the same object where it has nothing to hide. A duplicate's is that of the first decision, and left out. */
export function publicBody(form: PublicForm, entry: DecisionEntry, index: number): object | undefined {
  const { kind, body, outcome } = entry;
  if (body === undefined || outcome === "duplicate") return undefined;
  switch (kind) {
    case "bid":
      return publicBid(form, entry, index);
    case "create":
      return publicTerms(form, body, index);
    case "manage":
      return publicManagement(form, entry);
    case "tick":
    case "unreadable":
      return body;
    default:
      return unreachable(kind);
  }
}

function publicBid(form: PublicForm, entry: DecisionEntry, index: number): object {
  const body = entry.body as BidBody;
  const { amount, maxAmount } = body;
  const hidesAmount = amount !== undefined && isAmountHidden(form, entry);
  if (maxAmount === undefined && !hidesAmount) return body;
  const shown: Record<string, unknown> = { ...body };
  if (hidesAmount) shown["amount"] = commit(form, { index, field: "amount", value: amount });
  if (maxAmount !== undefined)
    shown["maxAmount"] = commit(form, { index, field: "maxAmount", value: maxAmount });
  return shown;
}

/** Of a sealed bid always; of a dutch one that bought, because it may have offered more than the price. */
function isAmountHidden({ auction }: PublicForm, { outcome, reason }: DecisionEntry): boolean {
  const { format } = auction.terms;
  if (format === "dutch") return outcome === "accepted" || reason === "idempotency_key_reused";
  return format === "sealed";
}

function publicTerms<T extends object>(form: PublicForm, terms: T, index: number): T {
  const { reservePrice } = terms as { reservePrice?: number };
  if (reservePrice === undefined) return terms;
  return { ...terms, reservePrice: commit(form, { index, field: "reservePrice", value: reservePrice }) };
}

/** Reasons that watchers are told with the event; every other one is between the parties. */
const TOLD_ACTIONS: ReadonlySet<ManageBody["action"]> = new Set(["cancel", "change_end", "retract"]);

function publicManagement(form: PublicForm, { body, outcome }: DecisionEntry): object {
  const shown: { action: ManageBody["action"]; bidderId?: string; reason?: string | undefined } = {
    ...(body as ManageBody),
  };
  const { action, bidderId, reason } = shown;
  if (bidderId !== undefined) shown.bidderId = publicId(form, bidderId);
  if (reason !== undefined && !(outcome === "accepted" && TOLD_ACTIONS.has(action)))
    shown.reason = hiddenWords(form.auction.secretSalt, reason);
  return shown;
}

/** An event of the entry at `index`. */
export function publicEvent(form: PublicForm, event: AuctionEvent, index: number): AuctionEvent {
  switch (event.type) {
    case "auction_created": {
      const { type, auctionId, rules, atMs, sellerId, key } = event;
      const terms = publicTerms(form, event.terms, index);
      const shown = { type, auctionId, sellerId: publicId(form, sellerId) };
      // Without its salts: from them everything here could be undone.
      return {
        ...shown,
        key: publicKey(form, { kind: "create", actorId: sellerId, key }),
        rules,
        terms,
        atMs,
      } as AuctionEvent;
    }
    case "bid_accepted":
    case "maximum_raised": {
      const shown = { ...event, bidderId: publicId(form, event.bidderId) };
      if (event.maxMinor === undefined) return shown;
      return { ...shown, maxMinor: commit(form, { index, field: "maxAmount", value: event.maxMinor }) };
    }
    case "sealed_bid": {
      const amountMinor = commit(form, { index, field: "amount", value: event.amountMinor });
      return { ...event, bidderId: publicId(form, event.bidderId), amountMinor };
    }
    case "counter_bid":
    case "bought_now":
    case "waitlist_joined":
    case "bids_retracted":
    case "bidder_blocked":
      return { ...event, bidderId: publicId(form, event.bidderId) };
    case "orders_placed": {
      const orders = event.orders.map((order) => ({ ...order, bidderId: publicId(form, order.bidderId) }));
      return { ...event, orders };
    }
    case "auction_closed":
      return event.winnerId === null ? event : { ...event, winnerId: publicId(form, event.winnerId) };
    case "auction_opened":
    case "price_dropped":
    case "orders_settled":
    case "auction_extended":
    case "end_changed":
    case "auction_cancelled":
      return event;
    default:
      return unreachable(event);
  }
}

/** A body and its event hold the same value: the same commitment, opened once. Typed as the number that it stands for. */
function commit(form: PublicForm, { index, field, value }: Omit<Reveal, "salt">): number {
  const salt = itemSaltFor(form.auction.secretSalt, { seq: form.seq, index, field });
  if (form.reveals?.some((known) => known.index === index && known.field === field) === false)
    form.reveals.push({ index, field, value, salt });
  const commitment: Commitment = { c: commitmentTo(value, salt) };
  return commitment as unknown as number;
}
