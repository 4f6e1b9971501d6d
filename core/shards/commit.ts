import type { OrderEvent } from "../../shared/orders.ts";
import { type Auction, stateOf } from "../auction/auction.ts";
import { nextDeadlineMs } from "../auction/deadlines.ts";
import { leaderIdOf, publicPrice } from "../auction/render.ts";
import type { ChangedRows } from "../auction/changed-rows.ts";
import { writeWaiting } from "./bidder-row.ts";
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

/**
 * The whole commit as one statement, so one transaction in one round trip. Positions are locked first, in slot order; when one of
 * them is no longer ours, no part of it writes, and the answer lists the slots that would have passed.
 *
 * Columns travel as one array or one newline-joined text each: no value holds a raw newline (ids by their pattern,
 * JSON by its escapes), and Postgres splits them faster than it parses escaped array literals.
 */
const COMMIT = `
with moves as (
  select slot, epoch, expected_seq, applied_seq, applied_at, coalesce(applied_id, '') as applied_id,
    coalesce(stream_id, '') as stream_id, published_seq
  from unnest($1::int[], $2::int8[], $3::int8[], $4::int8[], $5::int8[], string_to_array($6, E'\\n'),
    string_to_array($7, E'\\n'), $8::int8[])
    as m(slot, epoch, expected_seq, applied_seq, applied_at, applied_id, stream_id, published_seq)),
held as materialized (
  select s.slot from slots s join moves m on s.slot = m.slot
  where s.role = 'active' and s.epoch = m.epoch and s.applied_seq = m.expected_seq
  order by s.slot for update of s),
verdict as materialized (select count(*) = cardinality($1::int[]) as ok from held),
moved as (
  update slots s set applied_seq = m.applied_seq, applied_at = m.applied_at, applied_id = m.applied_id,
    stream_id = m.stream_id, published_seq = greatest(s.published_seq, m.published_seq),
    lease_until = now() + $9::int8 * interval '1 millisecond'
  from moves m where s.slot = m.slot and (select ok from verdict)),
logged as (
  insert into decision_log (month, slot, auction_id, seq, at, from_version, to_version, envelope_id, origin,
    fingerprints, record, chain)
  select month, slot, auction_id, seq, at, from_version, to_version, coalesce(envelope_id, ''), coalesce(origin, ''),
    decode(coalesce(fingerprints, ''), 'hex'), record, chain
  from unnest($10::int[], $11::int[], string_to_array($12, E'\\n'), $13::int8[], $14::int8[], $15::int8[], $16::int8[],
    string_to_array($17, E'\\n'), string_to_array($18, E'\\n'), string_to_array($19, E'\\n'), string_to_array($20, E'\\n'),
    string_to_array($21, E'\\n'))
    as l(month, slot, auction_id, seq, at, from_version, to_version, envelope_id, origin, fingerprints, record, chain)
  where (select ok from verdict)),
listed as (
  insert into auctions as a (auction_id, slot, month, format, status, version, seller_id, currency, price, bid_count,
    leader_id, created_at, ends_at, next_deadline, seq, at, chain, state)
  select auction_id, slot, month, format, status, version, seller_id, currency, price, bid_count, leader_id, created_at,
    ends_at, next_deadline, seq, at, chain, state
  from json_to_recordset($22::text::json) as r(auction_id text, slot int, month int, format text, status text, version int8,
    seller_id text, currency text, price int8, bid_count int8, leader_id text, created_at int8, ends_at int8,
    next_deadline int8, seq int8, at int8, chain text, state json)
  where (select ok from verdict)
  on conflict (auction_id) do update set status = excluded.status, version = excluded.version, price = excluded.price,
    bid_count = excluded.bid_count, leader_id = excluded.leader_id, ends_at = excluded.ends_at,
    next_deadline = excluded.next_deadline, seq = excluded.seq, at = excluded.at, chain = excluded.chain,
    state = excluded.state),
standing as (
  insert into bidders as b (auction_id, bidder_id, slot, blocked, max_amount, floor_amount, reached_version, reached_at, units,
    waiting, bid_at)
  select auction_id, bidder_id, slot, blocked = 1, max_amount, floor_amount, reached_version, reached_at, units,
    coalesce(waiting, ''), bid_at
  from unnest(string_to_array($24, E'\\n'), string_to_array($25, E'\\n'), $26::int[], $27::int[], $28::int8[], $29::int8[],
    $30::int8[], $31::int8[], $32::int[], string_to_array($33, E'\\n'), $34::int8[])
    as r(auction_id, bidder_id, slot, blocked, max_amount, floor_amount, reached_version, reached_at, units, waiting, bid_at)
  where (select ok from verdict)
  on conflict (auction_id, bidder_id) do update set blocked = excluded.blocked, max_amount = excluded.max_amount,
    floor_amount = excluded.floor_amount, reached_version = excluded.reached_version, reached_at = excluded.reached_at,
    units = excluded.units, waiting = excluded.waiting, bid_at = excluded.bid_at),
ordered as (
  insert into orders as o (auction_id, number, slot, bidder_id, quantity, unit_price, source, status, created_at, updated_at,
    expires_at)
  select auction_id, number, slot, bidder_id, quantity, unit_price, source, status, created_at, updated_at, expires_at
  from json_to_recordset($35::text::json) as r(auction_id text, number int, slot int, bidder_id text, quantity int,
    unit_price int8, source text, status text, created_at int8, updated_at int8, expires_at int8)
  where (select ok from verdict)
  on conflict (auction_id, number) do update set status = excluded.status, updated_at = excluded.updated_at),
told as (
  insert into outbox (event_id, slot, seq, place, auction_id, payload)
  select event_id, slot, seq, place, auction_id, payload
  from json_to_recordset($36::text::json) as r(event_id text, slot int, seq int8, place int, auction_id text, payload json)
  where (select ok from verdict)),
parked as (
  insert into dead_letters (slot, seq, subject, at, reason, detail, payload)
  select slot, seq, subject, at, reason, detail, decode(payload, 'hex')
  from json_to_recordset($23::text::json) as r(slot int, seq int8, subject text, at int8, reason text, detail text, payload text)
  where (select ok from verdict)
  on conflict do nothing)
select (select ok from verdict) as ok, coalesce((select array_agg(slot) from held), '{}') as held`;

/** The slots that somebody else has taken or moved; empty when everything was committed. Throws what the driver throws. */
export async function commitBatch({ sql }: Shard, commit: Commit): Promise<{ fenced: number[] }> {
  const { moves, log } = commit;
  const parameters = [
    ints(moves, (m) => m.slot),
    ints(moves, (m) => m.epoch),
    ints(moves, (m) => m.expectedSeq),
    ints(moves, (m) => m.appliedSeq),
    ints(moves, (m) => m.appliedAt),
    lines(moves, (m) => m.appliedId),
    lines(moves, (m) => m.streamId),
    ints(moves, (m) => m.publishedSeq),
    String(commit.leaseMs),
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
    JSON.stringify(commit.auctions.map(auctionColumns)),
    JSON.stringify(commit.deadLetters.map(deadLetterColumns)),
    ...bidderColumns(commit.auctions),
    JSON.stringify(commit.auctions.flatMap(orderColumns)),
    JSON.stringify(commit.outbox.map(outboxColumns)),
  ];
  const [row] = await sql.unsafe<{ ok: boolean; held: number[] }[]>(COMMIT, parameters, { prepare: true });
  if (row?.ok === true) return { fenced: [] };
  const held = new Set(row?.held ?? []);
  return { fenced: moves.map((m) => m.slot).filter((slot) => !held.has(slot)) };
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

function auctionColumns({ auction, slot, seq, atMs, chain }: AuctionRow): object {
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

/** The changed bidders by column: a hot auction has hundreds of them in each commit. */
function bidderColumns(rows: readonly AuctionRow[]): string[] {
  const changed = rows.flatMap(({ auction, changed, slot }) =>
    Array.from(changed.bidders.values(), (bidder) => ({ auctionId: auction.id, slot, bidder })),
  );
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
