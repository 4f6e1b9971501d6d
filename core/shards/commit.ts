import type { OrderEvent } from "../../shared/orders.ts";
import { type Auction, stateOf } from "../auction/auction.ts";
import { nextDeadlineMs } from "../auction/deadlines.ts";
import { leaderIdOf, publicPrice } from "../auction/render.ts";
import type { Bidder } from "../auction/bidder.ts";
import type { ChangedRows } from "../auction/changed-rows.ts";
import { writeWaiting } from "./bidder-row.ts";
import { commitStatement, type PartName } from "./commit-statement.ts";
import type { Shard } from "./connect.ts";
import { monthOf } from "./partitions.ts";

/** How a slot's position moves: nothing is written unless every slot of the commit still stands at `expectedSeq` under `epoch`. */
export interface PositionMove {
  readonly slot: number;
  readonly epoch: number;
  readonly expectedSeq: number;
  readonly appliedSeq: number;
  readonly appliedAt: number;
  readonly appliedId: string;
  readonly streamId: string;
  readonly publishedSeq: number;
}

/** One decided envelope as its row. `record` is JSON on one line, `fingerprints` hex. */
export interface LogRow {
  readonly month: number;
  readonly slot: number;
  readonly auctionId: string;
  readonly seq: number;
  readonly atMs: number;
  readonly fromVersion: number;
  readonly toVersion: number;
  readonly envelopeId: string;
  readonly origin: string;
  readonly fingerprints: string;
  readonly record: string;
  readonly chain: string;
}

/** An auction's newest state of this commit, and which of its bidders and orders are new or other than they were. */
export interface AuctionRow {
  readonly auction: Auction;
  readonly changed: ChangedRows;
  readonly slot: number;
  readonly seq: number;
  readonly atMs: number;
  readonly chain: string;
}

/** An order's event that is to leave; `place` is its own among those of its envelope. */
export interface OutboxRow {
  readonly slot: number;
  readonly seq: number;
  readonly place: number;
  readonly event: OrderEvent;
}

export interface DeadLetterRow {
  readonly slot: number;
  readonly seq: number;
  readonly subject: string;
  readonly atMs: number;
  readonly reason: string;
  readonly detail: string;
  readonly payload: Uint8Array;
}

export interface Commit {
  readonly leaseMs: number;
  readonly moves: readonly PositionMove[];
  readonly log: readonly LogRow[];
  readonly auctions: readonly AuctionRow[];
  readonly outbox: readonly OutboxRow[];
  readonly deadLetters: readonly DeadLetterRow[];
}

/** The slots that somebody else has taken or moved; empty when everything was committed. Throws what the driver throws. */
export async function commitBatch(
  { sql }: { readonly sql: Pick<Shard["sql"], "unsafe"> },
  commit: Commit,
): Promise<{ fenced: number[] }> {
  const { moves } = commit;
  const parts = partsOf(commit);
  const statement = commitStatement(parts.map(({ name }) => name));
  const parameters = parts.flatMap((part) => part.parameters);
  const [row] = await sql.unsafe<{ ok: boolean; held: number[] }[]>(statement, parameters, { prepare: true });
  if (row?.ok === true) return { fenced: [] };
  const held = new Set(row?.held ?? []);
  return { fenced: moves.map((m) => m.slot).filter((slot) => !held.has(slot)) };
}

/** What `commitBatch` would answer, or throw; nothing of the commit stays. */
export async function probeCommit({ sql }: Shard, commit: Commit): Promise<{ fenced: number[] }> {
  let answer: { fenced: number[] } | undefined;
  try {
    await sql.begin(async (transaction) => {
      answer = await commitBatch({ sql: transaction }, commit);
      // Whatever would only be checked at the end, which this transaction does not reach.
      await transaction`set constraints all immediate`;
      throw new ProbeEnded();
    });
  } catch (error) {
    if (answer === undefined || !(error instanceof ProbeEnded)) throw error;
  }
  return answer ?? { fenced: [] };
}

/** Ends the transaction of a probe: the driver rolls back on nothing else. */
class ProbeEnded extends Error {}

interface Part {
  readonly name: PartName;
  readonly parameters: string[];
}

/** What the commit has something for. */
function partsOf({ leaseMs, moves, log, auctions, outbox, deadLetters }: Commit): Part[] {
  const parts: Part[] = [{ name: "moves", parameters: [...moveColumns(moves), String(leaseMs)] }];
  const add = (name: PartName, rows: readonly unknown[], parameters: () => string[]): void => {
    if (rows.length > 0) parts.push({ name, parameters: parameters() });
  };
  const bidders = auctions.flatMap(changedBidders);
  const orders = auctions.flatMap(orderColumns);
  add("logged", log, () => logColumns(log));
  add("listed", auctions, () => [JSON.stringify(auctions.map(auctionColumns))]);
  add("standing", bidders, () => bidderColumns(bidders));
  add("ordered", orders, () => [JSON.stringify(orders)]);
  add("told", outbox, () => [JSON.stringify(outbox.map(outboxColumns))]);
  add("parked", deadLetters, () => [JSON.stringify(deadLetters.map(deadLetterColumns))]);
  return parts;
}

/** Whether the slot stands at `appliedSeq` under `epoch`: the answer to a commit whose own answer was lost. */
export async function hasCommitted(
  { sql }: Shard,
  move: Pick<PositionMove, "slot" | "epoch" | "appliedSeq">,
): Promise<boolean> {
  const rows = await sql`
    select 1 from slots where slot = ${move.slot} and epoch = ${move.epoch} and applied_seq = ${move.appliedSeq}`;
  return rows.length === 1;
}

function ints<T>(rows: readonly T[], column: (row: T) => number | null): string {
  let text = "{";
  for (let i = 0; i < rows.length; i++) text += (i === 0 ? "" : ",") + (column(rows[i] as T) ?? "NULL");
  return text + "}";
}

/** A lone empty text splits into no element at all; the statement reads the missing element as empty. */
function lines<T>(rows: readonly T[], column: (row: T) => string): string {
  let text = "";
  for (let i = 0; i < rows.length; i++) text += (i === 0 ? "" : "\n") + column(rows[i] as T);
  return text;
}

const moveColumns = (moves: readonly PositionMove[]): string[] => [
  ints(moves, (m) => m.slot),
  ints(moves, (m) => m.epoch),
  ints(moves, (m) => m.expectedSeq),
  ints(moves, (m) => m.appliedSeq),
  ints(moves, (m) => m.appliedAt),
  lines(moves, (m) => m.appliedId),
  lines(moves, (m) => m.streamId),
  ints(moves, (m) => m.publishedSeq),
];

const logColumns = (log: readonly LogRow[]): string[] => [
  ints(log, (l) => l.month),
  ints(log, (l) => l.slot),
  lines(log, (l) => l.auctionId),
  ints(log, (l) => l.seq),
  ints(log, (l) => l.atMs),
  ints(log, (l) => l.fromVersion),
  ints(log, (l) => l.toVersion),
  lines(log, (l) => l.envelopeId),
  lines(log, (l) => l.origin),
  lines(log, (l) => l.fingerprints),
  lines(log, (l) => l.record),
  lines(log, (l) => l.chain),
];

/** The row of `auctions`, by its columns. */
export function auctionColumns({
  auction,
  slot,
  seq,
  atMs,
  chain,
}: Omit<AuctionRow, "changed">): Readonly<Record<string, unknown>> {
  return {
    auction_id: auction.id,
    slot,
    month: monthOf(auction.createdAtMs),
    format: auction.terms.format,
    status: auction.status,
    version: auction.version,
    seller_id: auction.sellerId,
    currency: auction.terms.currency,
    price: publicPrice(auction),
    bid_count: auction.bidCount,
    leader_id: leaderIdOf(auction),
    created_at: auction.createdAtMs,
    ends_at: auction.endsAtMs,
    next_deadline: nextDeadlineMs(auction),
    seq,
    at: atMs,
    chain,
    state: stateOf(auction),
  };
}

interface ChangedBidder {
  readonly auctionId: string;
  readonly slot: number;
  readonly bidder: Bidder;
}

const changedBidders = ({ auction, changed, slot }: AuctionRow): ChangedBidder[] =>
  Array.from(changed.bidders.values(), (bidder) => ({ auctionId: auction.id, slot, bidder }));

/** By column: a hot auction has hundreds of them in each commit. */
function bidderColumns(changed: readonly ChangedBidder[]): string[] {
  return [
    lines(changed, (row) => row.auctionId),
    lines(changed, (row) => row.bidder.id),
    ints(changed, (row) => row.slot),
    ints(changed, (row) => (row.bidder.blocked ? 1 : 0)),
    ints(changed, (row) => row.bidder.standing?.maxMinor ?? null),
    ints(changed, (row) => row.bidder.standing?.floorMinor ?? 0),
    ints(changed, (row) => row.bidder.standing?.order ?? 0),
    ints(changed, (row) => row.bidder.standing?.atMs ?? 0),
    ints(changed, (row) => row.bidder.units),
    lines(changed, (row) => writeWaiting(row.bidder.waiting)),
    ints(changed, (row) => row.bidder.bidAtMs),
  ];
}

function orderColumns({ auction, changed, slot }: AuctionRow): object[] {
  return Array.from(changed.orders.values(), (order) => {
    return {
      auction_id: auction.id,
      number: order.number,
      slot,
      bidder_id: order.bidderId,
      quantity: order.quantity,
      unit_price: order.unitPriceMinor,
      source: order.source,
      status: order.status,
      created_at: order.createdAtMs,
      updated_at: order.updatedAtMs,
      expires_at: order.expiresAtMs,
    };
  });
}

function outboxColumns({ slot, seq, place, event }: OutboxRow): object {
  return { event_id: event.id, slot, seq, place, auction_id: event.order.auctionId, payload: event };
}

function deadLetterColumns(row: DeadLetterRow): object {
  const { slot, seq, subject, atMs: at, reason, detail } = row;
  return { slot, seq, subject, at, reason, detail, payload: Buffer.from(row.payload).toString("hex") };
}
