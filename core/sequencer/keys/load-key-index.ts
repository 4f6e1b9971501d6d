import type { StoredAuction } from "../../shards/load-auctions.ts";
import type { TakenKeys } from "../../shards/load-keys.ts";
import type { Store } from "../../shards/store.ts";
import { createKeyIndex, type KeyIndex, type KeyIndexLimits } from "./key-index.ts";

/** Keys of one page: enough to be quick, 100 KB of them. */
const PAGE_KEYS = 16_384;
/** Bounds of a page in envelopes: the next ones may hold 256 keys each, where those before held one. */
const MIN_PAGE = 64;
const MAX_PAGE = 4_096;

/**
 * The keys of a loaded auction, page by page: at no time are more than two of them in memory beside the index. Postgres reads
 * the next while the last is added.
 */
export async function loadKeyIndex(
  store: Pick<Store, "loadKeys">,
  stored: StoredAuction,
  limits: KeyIndexLimits | undefined,
): Promise<KeyIndex> {
  const index = createKeyIndex(limits);
  for (const { seq, fingerprints } of stored.keys)
    for (let at = 0; at < fingerprints.length; at += 6) index.add(fingerprintAt(fingerprints, at), seq);
  if (stored.keysGoOn !== true) return index;
  const load = async (afterSeq: number, limit: number): Promise<TakenKeys | undefined> =>
    (await store.loadKeys([stored.auctionId], { afterSeq, limit })).get(stored.auctionId);

  let next = load(stored.keys.at(-1)?.seq ?? 0, MIN_PAGE);
  for (;;) {
    const page = await next;
    const lastSeq = page?.seqs.at(-1);
    if (page === undefined || lastSeq === undefined) return index;
    next = load(lastSeq, nextPage(page));
    addPage(index, page);
  }
}

function nextPage({ seqs, fingerprints }: TakenKeys): number {
  const envelopes = Math.ceil((PAGE_KEYS * 6 * seqs.length) / fingerprints.length);
  return Math.max(MIN_PAGE, Math.min(MAX_PAGE, envelopes));
}

/** All of them are committed, so that the index may seal as it goes. */
function addPage(index: KeyIndex, { seqs, lengths, fingerprints }: TakenKeys): void {
  let at = 0;
  for (let i = 0; i < seqs.length; i++) {
    const seq = seqs[i] as number;
    const end = at + (lengths[i] as number);
    for (; at < end; at += 6) index.add(fingerprintAt(fingerprints, at), seq);
    index.seal(seq);
  }
}

function fingerprintAt(bytes: Uint8Array, at: number): number {
  let fingerprint = 0;
  for (let i = at; i < at + 6; i++) fingerprint = fingerprint * 256 + (bytes[i] as number);
  return fingerprint;
}
