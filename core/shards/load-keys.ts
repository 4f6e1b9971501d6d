import type { Shard } from "./connect.ts";

/** Where to read on: above which sequence, and how many envelopes at most. */
export interface KeyPage {
  readonly afterSeq: number;
  readonly limit: number;
}

/** Keys that envelopes took, by column: a million small objects would cost more than all the rest of loading. */
export interface TakenKeys {
  /** Of the envelopes, rising. */
  readonly seqs: Float64Array;
  /** How many bytes each envelope has of `fingerprints`. */
  readonly lengths: Int32Array;
  /** Six bytes a key. */
  readonly fingerprints: Uint8Array;
}

/** The next envelopes of each auction that took a key. Postgres packs a page of them into three values, too. */
export async function loadKeys(
  { sql }: Shard,
  auctionIds: readonly string[],
  { afterSeq, limit }: KeyPage,
): Promise<Map<string, TakenKeys>> {
  const rows = await sql<PackedPage[]>`
    select w.auction_id, page.* from unnest(${[...auctionIds]}::text[]) as w(auction_id)
    cross join lateral (
      select string_agg(int8send(seq), '') as seqs, string_agg(int4send(octet_length(fingerprints)), '') as lengths,
        string_agg(fingerprints, '') as fingerprints
      from (
        select seq, fingerprints from decision_log
        where auction_id = w.auction_id and seq > ${afterSeq} and octet_length(fingerprints) > 0
        order by seq limit ${limit}) envelopes) page`;
  return new Map(rows.map((row) => [row.auction_id, unpacked(row)]));
}

interface PackedPage {
  auction_id: string;
  seqs: Uint8Array | null;
  lengths: Uint8Array | null;
  fingerprints: Uint8Array | null;
}

const NOTHING = new Uint8Array();

function unpacked({ seqs, lengths, fingerprints }: PackedPage): TakenKeys {
  const [seqAt, lengthAt] = [viewOf(seqs ?? NOTHING), viewOf(lengths ?? NOTHING)];
  const envelopes = seqAt.byteLength / 8;
  const keys = { seqs: new Float64Array(envelopes), lengths: new Int32Array(envelopes) };
  for (let i = 0; i < envelopes; i++) {
    keys.seqs[i] = seqAt.getUint32(i * 8) * 0x1_0000_0000 + seqAt.getUint32(i * 8 + 4);
    keys.lengths[i] = lengthAt.getInt32(i * 4);
  }
  return { ...keys, fingerprints: fingerprints ?? NOTHING };
}

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, byteLength);
