import type { Shard } from "./connect.ts";

/** Where the parked message stands in the log; its name for operators. */
export interface LetterPosition {
  readonly slot: number;
  readonly seq: number;
}

/** A message that could not be decided or stored, as it was parked. */
export interface DeadLetter extends LetterPosition {
  readonly subject: string;
  /** The log's clock, milliseconds since the epoch. */
  readonly atMs: number;
  /** The shard's clock when it was parked, milliseconds since the epoch. */
  readonly parkedAtMs: number;
  readonly reason: string;
  readonly detail: string;
  /** Null where a list leaves out one that is too long for it. */
  readonly payload: Uint8Array | null;
  /** Where its replay stands in the log; null while nobody has replayed it. */
  readonly replayedSeq: number | null;
  /** The auction that its subject names, where the shard knows it. */
  readonly auction: { readonly format: string; readonly status: string } | null;
}

/** A list of many letters is looked through, not read: longer payloads would only cost it memory. */
const MAX_LISTED_PAYLOAD_BYTES = 256 * 1_024;

/** The oldest letters of a shard, oldest first. */
export async function listDeadLetters(
  { sql }: Shard,
  filter: { slot?: number | undefined; reason?: string | undefined; limit: number },
): Promise<DeadLetter[]> {
  const { slot = null, reason = null, limit } = filter;
  const rows = await sql<LetterRow[]>`
    select d.slot, d.seq, d.subject, d.at, d.reason, d.detail, d.replayed_seq, a.format, a.status,
      (extract(epoch from d.created_at) * 1000)::int8 as parked_at,
      case when octet_length(d.payload) <= ${MAX_LISTED_PAYLOAD_BYTES} then d.payload end as payload
    from dead_letters d left join auctions a on a.auction_id = split_part(d.subject, '.', 3)
    where (${slot}::int is null or d.slot = ${slot}) and (${reason}::text is null or d.reason = ${reason})
    order by d.at, d.slot, d.seq limit ${limit}`;
  return rows.map(letterOf);
}

/** The letter of a position, and of how many slots its cluster is; undefined when the shard has none there. */
export async function findDeadLetter(
  { sql }: Shard,
  { slot, seq }: LetterPosition,
): Promise<{ letter: DeadLetter; slots: number } | undefined> {
  const [row] = await sql<(LetterRow & { slots: number })[]>`
    select d.slot, d.seq, d.subject, d.at, d.reason, d.detail, d.replayed_seq, a.format, a.status, d.payload,
      (extract(epoch from d.created_at) * 1000)::int8 as parked_at,
      (select value::int from settings where name = 'slots') as slots
    from dead_letters d left join auctions a on a.auction_id = split_part(d.subject, '.', 3)
    where d.slot = ${slot} and d.seq = ${seq}`;
  return row === undefined ? undefined : { letter: letterOf(row), slots: row.slots };
}

/** Whether there was one to delete. */
export async function discardDeadLetter({ sql }: Shard, { slot, seq }: LetterPosition): Promise<boolean> {
  const { count } = await sql`delete from dead_letters where slot = ${slot} and seq = ${seq}`;
  return count > 0;
}

/** Notes where the letter's replay stands in the log. */
export async function markReplayed(
  { sql }: Shard,
  { slot, seq }: LetterPosition,
  replayedSeq: number,
): Promise<void> {
  await sql`update dead_letters set replayed_seq = ${replayedSeq} where slot = ${slot} and seq = ${seq}`;
}

interface LetterRow {
  slot: number;
  seq: string;
  subject: string;
  at: string;
  reason: string;
  detail: string;
  parked_at: string;
  payload: Uint8Array | null;
  replayed_seq: string | null;
  format: string | null;
  status: string | null;
}

function letterOf(row: LetterRow): DeadLetter {
  const { slot, subject, reason, detail, payload, replayed_seq: replayed, format, status } = row;
  return {
    slot,
    seq: Number(row.seq),
    subject,
    atMs: Number(row.at),
    parkedAtMs: Number(row.parked_at),
    reason,
    detail,
    payload,
    replayedSeq: replayed === null ? null : Number(replayed),
    auction: format === null || status === null ? null : { format, status },
  };
}
