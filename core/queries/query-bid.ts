import { bidderAliasFor } from "../../shared/ids.ts";
import type { Outcome } from "../../shared/outcomes.ts";
import type { QueryRequest } from "../../shared/queries.ts";
import { shownChain } from "../auction/audit-link.ts";
import { fingerprintOf } from "../auction/identity.ts";
import { decodeEntries } from "../auction/record-codec.ts";
import { outcomeOf } from "../auction/record.ts";
import { type QueryHandler, shardFor } from "./query-handler.ts";

/** What `bidIdFor` makes; any other text is the id of no bid. */
const BID_ID = /^[A-Za-z0-9_-]{22}$/;

/** Six bytes of 256-bit digests meet by chance once in 10^14 keys: more rows than this is a fault elsewhere. */
const MAX_CANDIDATES = 16;

interface Row {
  readonly version: string;
  readonly salt: string;
  /** Null when no envelope holds the fingerprint. */
  readonly seq: string | null;
  readonly at: string;
  readonly record: string;
  readonly rules: string;
  /** Of the envelope; null where there was no auction yet. */
  readonly chain: string | null;
}

/** The first outcome of a bid, found by the fingerprint of its id; null when there is no such auction. */
export const queryBid: QueryHandler<"bid"> = async (deps, { auctionId, bidId }) => {
  const { sql } = shardFor(deps, auctionId);
  const rows = await sql<Row[]>`
    select a.version, a.state ->> 'aliasSalt' as salt, a.state ->> 'rules' as rules,
      l.seq, l.at, l.record, l.chain
    from auctions a left join lateral (
      select seq, at, record, case when to_version > 0 then chain end as chain from decision_log
      where auction_id = a.auction_id and month = a.month and position(${needle(bidId)}::bytea in fingerprints) > 0
      order by seq limit ${MAX_CANDIDATES}) l on true
    where a.auction_id = ${auctionId}`;
  const [first] = rows;
  if (first === undefined) return null;
  const version = Number(first.version);
  for (const row of rows) {
    const outcome = row.seq === null ? undefined : outcomeIn(row, { auctionId, bidId });
    if (outcome !== undefined) return { outcome, bidder: bidderAliasFor(row.salt, outcome.actorId), version };
  }
  return { outcome: null, bidder: null, version };
};

/** The bytes to look for, as the committer wrote them; null, which is nowhere, for a text that is no id. */
function needle(bidId: string): Buffer | null {
  if (!BID_ID.test(bidId)) return null;
  const bytes = Buffer.alloc(6);
  bytes.writeUIntBE(fingerprintOf(bidId), 0, 6);
  return bytes;
}

/**
 * The id itself decides: the bytes may also stand across two fingerprints. The entry that took the key is the one
 * wanted, not a retry and not another body under the same key.
 */
function outcomeIn(row: Row, { auctionId, bidId }: QueryRequest<"bid">): Outcome | undefined {
  const chain = shownChain({ rules: Number(row.rules) }, row.chain ?? undefined);
  const position = { seq: Number(row.seq), atMs: Number(row.at), chain };
  for (const [index, entry] of decodeEntries(auctionId, row.record).entries()) {
    if (entry.bidId !== bidId || entry.outcome === "duplicate" || entry.reason === "idempotency_key_reused")
      continue;
    return outcomeOf(entry, position, index) ?? undefined;
  }
  return undefined;
}
