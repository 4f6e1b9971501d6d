import { auctionIdFor, manageIdFor } from "../../shared/ids.ts";
import type { OrderEvent } from "../../shared/orders.ts";
import type { Auction } from "../auction/auction.ts";
import { type ChangedRows, changedRows } from "../auction/changed-rows.ts";
import {
  decideEnvelope,
  type EnvelopeDecision,
  type FirstDecision,
  type KeyBook,
} from "../auction/decide-envelope.ts";
import { chainAfter, type CommandIdentity } from "../auction/identity.ts";
import { InvariantError } from "../auction/invariant-error.ts";
import { encodeEntries } from "../auction/record-codec.ts";
import type { DecisionEntry, Position } from "../auction/record.ts";
import { orderEventsOf } from "../orders/order-events.ts";
import type { StoredAuction } from "../shards/load-auctions.ts";
import type { Store } from "../shards/store.ts";
import { createKeyIndex, type KeyIndex } from "./key-index.ts";
import type { ReadEnvelope } from "./read-envelope.ts";

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
  decide(message: LogMessage): DecidedEnvelope;
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

interface Recent {
  readonly atMs: number;
  readonly entries: readonly DecisionEntry[];
}

/** Decided commands kept in memory for quick retries, beyond those that are not committed yet. */
const RECENT_COMMANDS = 1_024;

/** State, book and map entry of one auction, and what each of its bidders and orders adds; roughly. */
const ENTRY_BYTES = 4_096;
const ROW_BYTES = 400;

const bytesOf = ({ auction, keys }: Entry): number =>
  ENTRY_BYTES + keys.bytes + ROW_BYTES * (auction === null ? 0 : auction.bidders.size + auction.orders.size);

export function createSlotBook(store: Pick<Store, "loadAuctions" | "loadDecisions">): SlotBook {
  const entries = new Map<string, Entry>();
  const recent = new Map<number, Recent>();
  let recentCommands = 0;
  let committedSeq = 0;
  /** What is being prepared must stay until it is decided, which happens at once after. */
  let preparing = false;
  /** Older decisions that the messages at hand repeat; replaced with each prepare. */
  let fetched = new Map<string, Recent>();

  const firstDecision = (
    auctionId: string,
    keys: KeyIndex,
    identity: CommandIdentity,
  ): FirstDecision | undefined => {
    for (const seq of keys.find(identity.fingerprint)) {
      const known = recent.get(seq) ?? fetched.get(`${auctionId}/${seq}`);
      if (known === undefined) throw new InvariantError(`decisions ${seq} of ${auctionId} were not prepared`);
      const index = known.entries.findIndex((entry) => took(auctionId, entry, identity.id));
      const entry = known.entries[index];
      if (entry !== undefined) return { entry, position: { seq, atMs: known.atMs }, index };
    }
    return undefined;
  };

  const newEntry = (stored: StoredAuction): Entry => {
    const { auctionId, auction, atMs, chain } = stored;
    const keys = keyIndexOf(stored);
    const book: KeyBook = {
      first: (identity) => firstDecision(auctionId, keys, identity),
      take(identity, position, list) {
        keys.add(identity.fingerprint, position.seq);
        if (!recent.has(position.seq)) recent.set(position.seq, { atMs: position.atMs, entries: list });
      },
    };
    return { auctionId, auction, atMs, chain, keys, book, lastSeq: 0 };
  };

  const prepareKeys = async (messages: readonly LogMessage[]): Promise<void> => {
    fetched = new Map();
    const wanted: { auctionId: string; seq: number }[] = [];
    for (const repeated of repeatedSequences(messages, entries)) {
      const known = recent.get(repeated.seq);
      // What is remembered now may be forgotten while the rest is fetched.
      if (known === undefined) wanted.push(repeated);
      else fetched.set(`${repeated.auctionId}/${repeated.seq}`, known);
    }
    if (wanted.length === 0) return;
    for (const row of await store.loadDecisions(wanted)) {
      fetched.set(`${row.auctionId}/${row.seq}`, { atMs: row.atMs, entries: row.entries });
    }
  };

  const prepareAuctions = async (
    missing: readonly string[],
    messages: readonly LogMessage[],
  ): Promise<void> => {
    for (const stored of await store.loadAuctions(missing)) entries.set(stored.auctionId, newEntry(stored));
    await prepareKeys(messages);
  };

  return {
    prepare(messages) {
      preparing = true;
      const missing = missingAuctions(messages, entries);
      if (missing.length > 0) return prepareAuctions(missing, messages);
      const forgotten = repeatedSequences(messages, entries).some(({ seq }) => !recent.has(seq));
      return forgotten ? prepareKeys(messages) : undefined;
    },

    decide(message) {
      preparing = false;
      const entry = entries.get(message.auctionId ?? "");
      if (entry === undefined) throw new InvariantError(`message ${message.seq} was not prepared`);
      const position: Position = { seq: message.seq, atMs: Math.max(message.atMs, entry.atMs) };
      const { auctionId, auction, book: keys } = entry;
      const { commands } = message.envelope;
      const decision = decideEnvelope({ auctionId, auction, commands, position, keys });
      const record = encodeEntries(decision.entries);
      entry.auction = decision.auction;
      entry.atMs = position.atMs;
      entry.chain = chainAfter(entry.chain, position, record);
      entry.lastSeq = message.seq;
      if (recent.has(message.seq)) recentCommands += decision.entries.length;
      const fingerprints = fingerprintsOf(message, decision);
      const changed = changedRows(decision.entries, decision.auction);
      const orderEvents = orderEventsOf(decision.entries, decision.auction, message.seq);
      const { chain } = entry;
      const decided = { message, auctionId, atMs: position.atMs, decision, changed, orderEvents };
      return { ...decided, record, fingerprints, chain };
    },

    committed(seq) {
      committedSeq = seq;
      for (const [oldest, { entries: list }] of recent) {
        if (recentCommands <= RECENT_COMMANDS || oldest > committedSeq) break;
        recent.delete(oldest);
        recentCommands -= list.length;
      }
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

/** Whether this decision took the key; a duplicate or a reused key did not. */
function took(auctionId: string, entry: DecisionEntry, id: string): boolean {
  if (entry.outcome === "duplicate" || entry.reason === "idempotency_key_reused") return false;
  const { actorId = "", key = "" } = entry;
  if (entry.kind === "bid") return entry.bidId === id;
  if (entry.kind === "create") return auctionIdFor(actorId, key) === id;
  return entry.kind === "manage" && manageIdFor(auctionId, actorId, key) === id;
}

function missingAuctions(messages: readonly LogMessage[], known: ReadonlyMap<string, unknown>): string[] {
  let missing: Set<string> | undefined;
  for (const { auctionId } of messages) {
    if (auctionId !== undefined && !known.has(auctionId)) (missing ??= new Set()).add(auctionId);
  }
  return missing === undefined ? [] : [...missing];
}

/** Envelopes of the past that hold a key which these messages use again. */
function repeatedSequences(
  messages: readonly LogMessage[],
  entries: ReadonlyMap<string, Entry>,
): { auctionId: string; seq: number }[] {
  const wanted: { auctionId: string; seq: number }[] = [];
  for (const { auctionId, envelope } of messages) {
    const entry = auctionId === undefined ? undefined : entries.get(auctionId);
    if (entry === undefined) continue;
    for (const { identity } of envelope.commands) {
      if (identity === undefined) continue;
      for (const seq of entry.keys.find(identity.fingerprint)) {
        wanted.push({ auctionId: entry.auctionId, seq });
      }
    }
  }
  return wanted;
}

/** Twelve hex digits of each key that the envelope took. */
function fingerprintsOf(message: LogMessage, decision: EnvelopeDecision): string {
  let text = "";
  message.envelope.commands.forEach(({ identity }, index) => {
    const entry = decision.entries[index];
    if (identity === undefined || entry === undefined) return;
    if (!took(message.auctionId ?? "", entry, identity.id)) return;
    text += identity.fingerprint.toString(16).padStart(12, "0");
  });
  return text;
}

function keyIndexOf(stored: StoredAuction): KeyIndex {
  const keys = createKeyIndex();
  for (const { seq, fingerprints } of stored.keys) {
    const bytes = Buffer.from(fingerprints.buffer, fingerprints.byteOffset, fingerprints.byteLength);
    for (let i = 0; i + 6 <= bytes.length; i += 6) keys.add(bytes.readUIntBE(i, 6), seq);
  }
  return keys;
}
