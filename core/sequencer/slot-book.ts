import type { OrderEvent } from "../../shared/orders.ts";
import { linkAfter, shownChain } from "../auction/audit-link.ts";
import type { Auction } from "../auction/auction.ts";
import { type ChangedRows, changedRows } from "../auction/changed-rows.ts";
import {
  decideEnvelope,
  type EnvelopeDecision,
  type FirstDecision,
  type KeyBook,
} from "../auction/decide-envelope.ts";
import { InvariantError } from "../auction/invariant-error.ts";
import type { Position } from "../auction/record.ts";
import { orderEventsOf } from "../orders/order-events.ts";
import type { StoredAuction } from "../shards/load-auctions.ts";
import type { Store } from "../shards/store.ts";
import type { KeyIndex, KeyIndexLimits } from "./keys/key-index.ts";
import { createKeyLookups } from "./keys/key-lookups.ts";
import { loadKeyIndex } from "./keys/load-key-index.ts";
import type { ReadEnvelope } from "./log/read-envelope.ts";
import type { Refusal } from "./refusals/refusal.ts";
import { takenId } from "./keys/taken-id.ts";

/** A message of the slot's log, read. `auctionId` is undefined when the subject names none. */
export interface LogMessage {
  readonly seq: number;
  readonly atMs: number;
  readonly subject: string;
  readonly auctionId: string | undefined;
  readonly envelope: ReadEnvelope;
  /** Kept only of a message that goes to the dead letters. */
  readonly data: Uint8Array | undefined;
}

/** An envelope that is decided and not yet committed. */
export interface DecidedEnvelope {
  readonly message: LogMessage;
  readonly auctionId: string;
  /** The auction's own clock: the message's time, never before the auction's last. */
  readonly atMs: number;
  readonly decision: EnvelopeDecision;
  /** What Postgres refuses of it and is not stored; mostly nothing. */
  readonly refusal: Refusal | undefined;
  /** Bidders and orders that it has changed, if it has. */
  readonly changed: ChangedRows | undefined;
  readonly orderEvents: readonly OrderEvent[];
  readonly record: string;
  readonly fingerprints: string;
  readonly chain: string;
}

/** What one slot's sequencer knows: its auctions in memory, their keys, and the decisions that a retry may ask for. */
export interface SlotBook {
  /** Loads what deciding these messages needs; undefined when it is all here. */
  prepare(messages: readonly LogMessage[]): Promise<void> | undefined;
  /** Decides one prepared message that names an auction. */
  decide(message: LogMessage, refusal?: Refusal): DecidedEnvelope;
  /** What `decide` would return; nothing is changed. */
  tryOut(message: LogMessage, refusal: Refusal): DecidedEnvelope;
  /** Everything up to `seq` is in Postgres now, and may be forgotten. */
  committed(seq: number): void;
  /** Forgets auctions without uncommitted decisions, the longest unused first, until `bytes` are freed. */
  evict(bytes: number): void;
  readonly auctions: number;
  readonly bytes: number;
}

interface Entry {
  readonly auctionId: string;
  auction: Auction | null;
  atMs: number;
  chain: string;
  readonly keys: KeyIndex;
  readonly book: KeyBook;
  lastSeq: number;
}

/** State, book and map entry of one auction, and what each of its bidders and orders adds; roughly. */
const ENTRY_BYTES = 4_096;
const ROW_BYTES = 400;

const bytesOf = ({ auction, keys }: Entry): number =>
  ENTRY_BYTES + keys.bytes + ROW_BYTES * (auction === null ? 0 : auction.bidders.size + auction.orders.size);

export function createSlotBook(
  store: Pick<Store, "loadAuctions" | "loadKeys" | "loadDecisions">,
  keyLimits?: KeyIndexLimits,
): SlotBook {
  const entries = new Map<string, Entry>();
  const lookups = createKeyLookups(store, (auctionId) => entries.get(auctionId)?.keys);
  let committedSeq = 0;
  /** What is being prepared must stay until it is decided, which happens at once after. */
  let preparing = false;
  let prepared: ReadonlySet<number> = new Set();

  const newEntry = async (stored: StoredAuction): Promise<Entry> => {
    const { auctionId, auction, atMs, chain } = stored;
    const keys = await loadKeyIndex(store, stored, keyLimits);
    const book: KeyBook = {
      first: (identity) => lookups.first(auctionId, keys, identity),
      take(identity, position, list) {
        keys.add(identity.fingerprint, position.seq);
        lookups.taken(position, list);
      },
    };
    return { auctionId, auction, atMs, chain, keys, book, lastSeq: 0 };
  };

  /** Only here: what was prepared must be found in the same place when it is decided. */
  const sealKeys = (messages: readonly LogMessage[]): void => {
    for (const { auctionId } of messages) entries.get(auctionId ?? "")?.keys.seal(committedSeq);
  };

  const prepareAuctions = async (
    missing: readonly string[],
    messages: readonly LogMessage[],
  ): Promise<void> => {
    for (const stored of await store.loadAuctions(missing))
      entries.set(stored.auctionId, await newEntry(stored));
    await lookups.prepare(messages);
  };

  const entryOf = ({ auctionId = "", seq }: LogMessage): Entry => {
    const entry = entries.get(auctionId);
    if (entry === undefined || !prepared.has(seq))
      throw new InvariantError(`message ${seq} was not prepared`);
    return entry;
  };

  return {
    prepare(messages) {
      preparing = true;
      prepared = new Set(messages.map(({ seq }) => seq));
      sealKeys(messages);
      const missing = missingAuctions(messages, entries);
      return missing.length > 0 ? prepareAuctions(missing, messages) : lookups.prepare(messages);
    },

    decide(message, refusal) {
      preparing = false;
      const entry = entryOf(message);
      const decided = decideMessage(entry, message, refusal);
      entry.auction = decided.decision.auction;
      entry.atMs = decided.atMs;
      entry.chain = decided.chain;
      entry.lastSeq = message.seq;
      const told = shownChain(entry.auction, entry.chain);
      lookups.decided(message.seq, decided.decision.entries.length, told);
      return decided;
    },

    tryOut(message, refusal) {
      const entry = entryOf(message);
      return decideMessage({ ...entry, book: notedApart(entry.book) }, message, refusal);
    },

    committed(seq) {
      committedSeq = seq;
      lookups.committed(seq);
    },

    evict(bytes) {
      if (preparing) return;
      const idle = [...entries.values()]
        .filter((e) => e.lastSeq <= committedSeq)
        .sort((a, b) => a.lastSeq - b.lastSeq);
      let freed = 0;
      for (const entry of idle) {
        if (freed >= bytes) break;
        freed += bytesOf(entry);
        entries.delete(entry.auctionId);
      }
    },

    get auctions() {
      return entries.size;
    },
    get bytes() {
      let bytes = 0;
      for (const entry of entries.values()) bytes += bytesOf(entry);
      return bytes;
    },
  };
}

/** What comes of a message at the auction as it is. Tells the entry's book of its keys, and changes nothing else. */
function decideMessage(entry: Entry, message: LogMessage, refusal: Refusal | undefined): DecidedEnvelope {
  const position: Position = { seq: message.seq, atMs: Math.max(message.atMs, entry.atMs) };
  const { auctionId, auction, book: keys } = entry;
  const { commands } = message.envelope;
  const refused = refusal?.commands;
  const decision = decideEnvelope({ auctionId, auction, commands, position, keys, refused });
  const { record, chain } = linkAfter(entry.chain, decision, position);
  const fingerprints = fingerprintsOf(message, decision);
  const changed = changedRows(decision.entries, decision.auction);
  const orderEvents = orderEventsOf(decision.entries, decision.auction, message.seq);
  const decided = { message, auctionId, atMs: position.atMs, decision, refusal, changed, orderEvents };
  return { ...decided, record, fingerprints, chain };
}

/** The same keys; what is taken now is known to this book alone. */
function notedApart(book: KeyBook): KeyBook {
  const taken = new Map<string, FirstDecision>();
  return {
    first: (identity) => taken.get(identity.id) ?? book.first(identity),
    take({ id }, position, list) {
      const index = list.length - 1;
      const entry = list[index];
      if (entry !== undefined) taken.set(id, { entry, position, index });
    },
  };
}

function missingAuctions(messages: readonly LogMessage[], known: ReadonlyMap<string, unknown>): string[] {
  let missing: Set<string> | undefined;
  for (const { auctionId } of messages) {
    if (auctionId !== undefined && !known.has(auctionId)) (missing ??= new Set()).add(auctionId);
  }
  return missing === undefined ? [] : [...missing];
}

/** Twelve hex digits of each key that the envelope took. */
function fingerprintsOf(message: LogMessage, decision: EnvelopeDecision): string {
  let text = "";
  message.envelope.commands.forEach(({ identity }, index) => {
    const entry = decision.entries[index];
    if (identity === undefined || entry === undefined) return;
    if (takenId(message.auctionId ?? "", entry) !== identity.id) return;
    text += identity.fingerprint.toString(16).padStart(12, "0");
  });
  return text;
}
