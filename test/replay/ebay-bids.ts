import * as z from "zod";

/** One auction of the data set, with the maxima that its bidders entered, in the order of time. Amounts are US cents. */
export interface EbayAuction {
  readonly id: string;
  readonly item: string;
  readonly openCents: number;
  /** What eBay closed at. */
  readonly closeCents: number;
  readonly bids: readonly EbayBid[];
}

export interface EbayBid {
  readonly bidder: string;
  readonly maxCents: number;
}

const HEADER = "auction,item,days,bidder,max_cents,at_ms,open_cents,close_cents";

const cents = z.coerce.number().int().min(1);
const rowSchema = z.tuple([
  z.string().min(1),
  z.string().min(1),
  z.string(),
  z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
  cents,
  z.coerce.number().min(0),
  cents,
  cents,
]);

/** Reads the file's text; throws on a line that is no bid, or that comes before its time. */
export function parseEbayBids(csv: string): EbayAuction[] {
  const [header, ...lines] = csv.trim().split(/\r?\n/);
  if (header !== HEADER) throw new Error(`the file does not begin with "${HEADER}"`);
  const auctions = new Map<string, EbayAuction & { bids: EbayBid[] }>();
  const newestMs = new Map<string, number>();
  for (const [i, line] of lines.entries()) {
    const row = rowSchema.safeParse(line.split(","));
    if (!row.success) throw new Error(`line ${i + 2} is no bid: ${line}`);
    const [id, item, , bidder, maxCents, atMs, openCents, closeCents] = row.data;
    if (atMs < (newestMs.get(id) ?? 0)) throw new Error(`line ${i + 2} comes before the one above it`);
    newestMs.set(id, atMs);
    const auction = auctions.get(id) ?? { id, item, openCents, closeCents, bids: [] };
    auction.bids.push({ bidder, maxCents });
    auctions.set(id, auction);
  }
  return [...auctions.values()];
}
