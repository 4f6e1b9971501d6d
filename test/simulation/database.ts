import { type AuctionState, stateOf } from "../../core/auction/auction.ts";
import { shownChain } from "../../core/auction/audit-link.ts";
import { assemble } from "../../core/auction/assemble.ts";
import type { Bidder } from "../../core/auction/bidder.ts";
import { nextDeadlineMs } from "../../core/auction/deadlines.ts";
import type { OrderState } from "../../core/auction/order.ts";
import { decodeEntries } from "../../core/auction/record-codec.ts";
import type { AuctionRow, Commit, DeadLetterRow, LogRow, PositionMove } from "../../core/shards/commit.ts";
import type { DueAuction } from "../../core/shards/due-auctions.ts";
import type { StoredAuction } from "../../core/shards/load-auctions.ts";
import type { StoredDecisions, WantedDecisions } from "../../core/shards/load-decisions.ts";
import type { KeyPage, TakenKeys } from "../../core/shards/load-keys.ts";
import type { WaitingEvent } from "../../core/shards/outbox.ts";
import type { UnpublishedEnvelope } from "../../core/shards/unpublished.ts";
import { newSlotRow, type SlotRow, type SlotStatements, slotStatements } from "./slot-rows.ts";

/** A shard's rows in memory, and what its statements do to them. `store-contract.test.ts` holds it to Postgres. */
export interface Database {
  readonly number: number;
  readonly slots: Map<number, SlotRow>;
  readonly auctions: Map<string, StoredRow>;
  readonly log: Map<string, LogRow>;
  readonly deadLetters: Map<string, DeadLetterRow>;
  readonly outbox: Map<string, OutboxEntry>;
  /** Every position that a commit has moved, in the order of the commits: kept apart from what the statements look at. */
  readonly moves: PositionMove[];
  readonly statements: Statements;
}

/** The operations of a shard, done in one moment. */
export interface Statements extends SlotStatements {
  commitBatch(commit: Commit): { fenced: number[] };
  probeCommit(commit: Commit): { fenced: number[] };
  hasCommitted(move: Pick<PositionMove, "slot" | "epoch" | "appliedSeq">): boolean;
  loadAuctions(auctionIds: readonly string[]): StoredAuction[];
  loadKeys(auctionIds: readonly string[], page: KeyPage): Map<string, TakenKeys>;
  loadDecisions(wanted: readonly WantedDecisions[]): StoredDecisions[];
  unpublished(slot: number, range: { afterSeq: number; limit: number }): UnpublishedEnvelope[];
  dueAuctions(slots: readonly number[], nowMs: number): DueAuction[];
  waitingEvents(slots: readonly number[], limit: number): WaitingEvent[];
  forgetEvents(eventIds: readonly string[]): void;
}

/** An auction with its rows in `bidders` and `orders`. */
export interface StoredRow {
  readonly slot: number;
  readonly state: AuctionState;
  readonly atMs: number;
  readonly chain: string;
  readonly nextDeadlineMs: number | null;
  readonly bidders: Map<string, Bidder>;
  readonly orders: Map<number, OrderState>;
}

interface OutboxEntry extends WaitingEvent {
  readonly seq: number;
  readonly place: number;
}

/** What Postgres says of a key that is there already. */
class UniqueViolation extends Error {
  readonly code = "23505";
}

export function createDatabase(
  number: number,
  options: { slots: readonly number[]; now: () => number },
): Database {
  const rows: Omit<Database, "statements"> = {
    number,
    slots: new Map(options.slots.map((slot) => [slot, newSlotRow(slot)])),
    auctions: new Map(),
    log: new Map(),
    deadLetters: new Map(),
    outbox: new Map(),
    moves: [],
  };
  const { now } = options;
  return {
    ...rows,
    statements: {
      ...slotStatements(rows.slots, now),
      commitBatch: (commit) => commitTo(rows, commit, now()),
      probeCommit: (commit) => refusalOf(rows, commit),
      hasCommitted({ slot, epoch, appliedSeq }) {
        const row = rows.slots.get(slot);
        return row?.epoch === epoch && row.appliedSeq === appliedSeq;
      },
      loadAuctions: (auctionIds) => auctionIds.map((auctionId) => loadOne(rows, auctionId)),
      loadKeys: (auctionIds, page) => new Map(auctionIds.map((id) => [id, keysOf(rows, id, page)])),
      loadDecisions: (wanted) => decisionsOf(rows, wanted),
      unpublished: (slot, range) => unpublishedOf(rows, slot, range),
      dueAuctions: (slots, nowMs) => dueOf(rows, slots, nowMs),
      waitingEvents: (slots, limit) =>
        [...rows.outbox.values()]
          .filter(({ slot }) => slots.includes(slot))
          .sort((a, b) => a.slot - b.slot || a.seq - b.seq || a.place - b.place)
          .slice(0, limit)
          .map(({ eventId, slot, auctionId, payload }) => ({ eventId, slot, auctionId, payload })),
      forgetEvents(eventIds) {
        for (const id of eventIds) rows.outbox.delete(id);
      },
    },
  };
}

type Rows = Omit<Database, "statements">;

/** The slots that are somebody else's; throws what the commit would throw. */
function refusalOf(rows: Rows, commit: Commit): { fenced: number[] } {
  const fenced = commit.moves.filter(({ slot, epoch, expectedSeq }) => {
    const row = rows.slots.get(slot);
    return row?.epoch !== epoch || row.appliedSeq !== expectedSeq;
  });
  if (fenced.length > 0) return { fenced: fenced.map(({ slot }) => slot) };
  for (const { auctionId, seq } of commit.log)
    if (rows.log.has(`${auctionId}/${seq}`))
      throw new UniqueViolation(`decision ${seq} of ${auctionId} exists`);
  for (const { event } of commit.outbox)
    if (rows.outbox.has(event.id)) throw new UniqueViolation(`event ${event.id} exists`);
  return { fenced: [] };
}

function commitTo(rows: Rows, commit: Commit, nowMs: number): { fenced: number[] } {
  const refusal = refusalOf(rows, commit);
  if (refusal.fenced.length > 0) return refusal;
  for (const move of commit.moves) {
    rows.moves.push(move);
    const row = rows.slots.get(move.slot) as SlotRow;
    const { appliedSeq, appliedAt, appliedId, streamId } = move;
    const publishedSeq = Math.max(row.publishedSeq, move.publishedSeq);
    const leaseUntilMs = nowMs + commit.leaseMs;
    Object.assign(row, { appliedSeq, appliedAt, appliedId, streamId, publishedSeq, leaseUntilMs });
  }
  for (const row of commit.log) rows.log.set(`${row.auctionId}/${row.seq}`, row);
  for (const row of commit.auctions) storeAuction(rows, row);
  for (const { slot, seq, place, event } of commit.outbox) {
    const { auctionId } = event.order;
    rows.outbox.set(event.id, {
      eventId: event.id,
      slot,
      seq,
      place,
      auctionId,
      payload: JSON.stringify(event),
    });
  }
  for (const letter of commit.deadLetters) {
    const key = `${letter.slot}/${letter.seq}`;
    if (!rows.deadLetters.has(key)) rows.deadLetters.set(key, letter);
  }
  return { fenced: [] };
}

function storeAuction({ auctions }: Rows, { auction, changed, slot, atMs, chain }: AuctionRow): void {
  const before = auctions.get(auction.id);
  auctions.set(auction.id, {
    slot,
    // As it would come back: text between here and there.
    state: JSON.parse(JSON.stringify(stateOf(auction))) as AuctionState,
    atMs,
    chain,
    nextDeadlineMs: nextDeadlineMs(auction),
    bidders: new Map([...(before?.bidders ?? []), ...changed.bidders]),
    orders: new Map([...(before?.orders ?? []), ...changed.orders]),
  });
}

function loadOne({ auctions, log }: Rows, auctionId: string): StoredAuction {
  const row = auctions.get(auctionId);
  const mine = [...log.values()].filter((one) => one.auctionId === auctionId).sort((a, b) => a.seq - b.seq);
  const last = mine.at(-1);
  return {
    auctionId,
    auction:
      row === undefined
        ? null
        : assemble(row.state, { bidders: [...row.bidders.values()], orders: [...row.orders.values()] }),
    atMs: row?.atMs ?? last?.atMs ?? 0,
    chain: row?.chain ?? last?.chain ?? "",
    keys: mine.slice(0, FIRST_ENVELOPES).map(takenKeys),
    keysGoOn: mine.length > FIRST_ENVELOPES,
  };
}

/** Few, so that reading on is a part of nearly every run. */
const FIRST_ENVELOPES = 8;

const takenKeys = ({ seq, fingerprints }: LogRow): StoredAuction["keys"][number] => ({
  seq,
  fingerprints: Buffer.from(fingerprints, "hex"),
});

function keysOf({ log }: Rows, auctionId: string, { afterSeq, limit }: KeyPage): TakenKeys {
  const page = [...log.values()]
    .filter((row) => row.auctionId === auctionId && row.seq > afterSeq && row.fingerprints !== "")
    .sort((a, b) => a.seq - b.seq)
    .slice(0, limit)
    .map(takenKeys);
  return {
    seqs: Float64Array.from(page, ({ seq }) => seq),
    lengths: Int32Array.from(page, ({ fingerprints }) => fingerprints.length),
    fingerprints: Buffer.concat(page.map(({ fingerprints }) => fingerprints)),
  };
}

function decisionsOf({ log, auctions }: Rows, wanted: readonly WantedDecisions[]): StoredDecisions[] {
  const isWanted = ({ auctionId, seq, fingerprints }: LogRow): boolean =>
    wanted.some((one) => {
      if (one.auctionId !== auctionId || seq < one.seq || seq > (one.toSeq ?? one.seq)) return false;
      const { fingerprint } = one;
      return fingerprint === undefined || fingerprints.includes(fingerprint.toString(16).padStart(12, "0"));
    });
  return [...log.values()].filter(isWanted).map(({ auctionId, seq, atMs, record, chain, toVersion }) => ({
    auctionId,
    seq,
    atMs,
    chain: shownChain(auctions.get(auctionId)?.state ?? null, toVersion > 0 ? chain : undefined),
    entries: decodeEntries(auctionId, record),
  }));
}

function unpublishedOf(
  { log, auctions }: Rows,
  slot: number,
  { afterSeq, limit }: { afterSeq: number; limit: number },
): UnpublishedEnvelope[] {
  return [...log.values()]
    .filter((row) => row.slot === slot && row.seq > afterSeq)
    .sort((a, b) => a.seq - b.seq)
    .slice(0, limit)
    .map(({ auctionId, seq, atMs, fromVersion, toVersion, envelopeId, origin, record, chain }) => ({
      auctionId,
      seq,
      atMs,
      fromVersion,
      toVersion,
      envelopeId,
      origin,
      chain,
      entries: decodeEntries(auctionId, record),
      auction: auctions.get(auctionId)?.state ?? null,
    }));
}

function dueOf({ auctions }: Rows, slots: readonly number[], nowMs: number): DueAuction[] {
  const due: DueAuction[] = [];
  for (const [auctionId, { slot, nextDeadlineMs: deadlineMs }] of auctions)
    if (deadlineMs !== null && deadlineMs <= nowMs && slots.includes(slot))
      due.push({ auctionId, slot, deadlineMs });
  return due.sort((a, b) => a.deadlineMs - b.deadlineMs);
}
