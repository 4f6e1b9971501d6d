import type { AuctionState } from "../auction/auction.ts";
import { decodeEntries } from "../auction/record-codec.ts";
import type { DecisionEntry } from "../auction/record.ts";
import type { Shard } from "./connect.ts";

/** A committed envelope whose result may not have left. `auction` is the auction as it is now. */
export interface UnpublishedEnvelope {
  readonly auctionId: string;
  readonly seq: number;
  readonly atMs: number;
  readonly fromVersion: number;
  readonly toVersion: number;
  readonly chain: string;
  readonly envelopeId: string;
  readonly origin: string;
  readonly entries: readonly DecisionEntry[];
  readonly auction: AuctionState | null;
}

/** The next envelopes of a slot above `afterSeq`, in order. */
export async function unpublished(
  { sql }: Shard,
  slot: number,
  range: { afterSeq: number; limit: number },
): Promise<UnpublishedEnvelope[]> {
  const rows = await sql`
    select l.auction_id, l.seq, l.at, l.from_version, l.to_version, l.chain, l.envelope_id, l.origin, l.record, a.state
    from decision_log l left join auctions a on a.auction_id = l.auction_id
    where l.slot = ${slot} and l.seq > ${range.afterSeq} order by l.seq limit ${range.limit}`;
  return rows.map((row) => ({
    auctionId: String(row["auction_id"]),
    seq: Number(row["seq"]),
    atMs: Number(row["at"]),
    fromVersion: Number(row["from_version"]),
    toVersion: Number(row["to_version"]),
    chain: String(row["chain"]),
    envelopeId: String(row["envelope_id"]),
    origin: String(row["origin"]),
    entries: decodeEntries(String(row["auction_id"]), String(row["record"])),
    auction: (row["state"] as AuctionState | null) ?? null,
  }));
}
