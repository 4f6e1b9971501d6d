import { shownChain } from "../auction/audit-link.ts";
import { decodeEntries } from "../auction/record-codec.ts";
import type { DecisionEntry } from "../auction/record.ts";
import type { Shard } from "./connect.ts";

/** The decisions of one envelope, as stored. */
export interface StoredDecisions {
  readonly auctionId: string;
  readonly seq: number;
  readonly atMs: number;
  /** The head of the audit chain after it, where that may be told (`auction/audit-link.ts`). */
  readonly chain?: string | undefined;
  readonly entries: readonly DecisionEntry[];
}

/** One envelope, or those among several that took a key. */
export interface WantedDecisions {
  readonly auctionId: string;
  readonly seq: number;
  /** With `fingerprint`: those from `seq` to here, both included. */
  readonly toSeq?: number;
  /** 48 bits of the key's identity. Another key may share it, and others' bytes may look like it: compare the whole id. */
  readonly fingerprint?: number;
}

/** The decisions of the wanted envelopes, each envelope once. */
export async function loadDecisions(
  { sql }: Shard,
  wanted: readonly WantedDecisions[],
): Promise<StoredDecisions[]> {
  const fingerprints = wanted.map(({ fingerprint }) =>
    fingerprint === undefined ? "" : fingerprint.toString(16).padStart(12, "0"),
  );
  // Each range is read once, however many keys are looked for in it; `offset 0` keeps Postgres from reading the auction instead.
  const rows = await sql<
    {
      auction_id: string;
      seq: string;
      at: string;
      record: string;
      chain: string | null;
      rules: string | null;
    }[]
  >`
    with wanted as (
      select auction_id, seq, to_seq, array_agg(decode(fingerprint, 'hex')) as fingerprints
      from unnest(${wanted.map((w) => w.auctionId)}::text[], ${wanted.map((w) => w.seq)}::int8[],
        ${wanted.map((w) => w.toSeq ?? w.seq)}::int8[], ${fingerprints}::text[]) as w(auction_id, seq, to_seq, fingerprint)
      group by auction_id, seq, to_seq)
    select distinct on (l.auction_id, l.seq) l.auction_id, l.seq, l.at, l.record,
      case when l.to_version > 0 then l.chain end as chain, a.state ->> 'rules' as rules
    from wanted w cross join lateral (
      select auction_id, seq, at, to_version, record, chain from decision_log
      where auction_id = w.auction_id and seq between w.seq and w.to_seq
        and exists (select from unnest(w.fingerprints) as f where position(f in decision_log.fingerprints) > 0)
      offset 0) l
    left join auctions a on a.auction_id = l.auction_id`;
  return rows.map((row) => ({
    auctionId: row.auction_id,
    seq: Number(row.seq),
    atMs: Number(row.at),
    chain: shownChain({ rules: Number(row.rules ?? 0) }, row.chain ?? undefined),
    entries: decodeEntries(row.auction_id, row.record),
  }));
}
