import * as z from "zod";
import { ID_PATTERN } from "../../shared/ids.ts";
import { admitRead, auctionIdParam, parse } from "../admission/gates.ts";
import type { AppContext } from "../app-types.ts";
import { ProblemError } from "../problem.ts";
import { pageSchema } from "./page.ts";
import { json } from "./replies.ts";

const pendingSchema = z.object({
  seq: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
});

/** `GET /v1/auctions/:id/bids?cursor&limit`, newest first. */
export async function listBids(c: AppContext): Promise<Response> {
  admitRead(c);
  const auctionId = auctionIdParam(c);
  const page = parse(pageSchema, c.req.query());
  const bids = await c
    .get("deps")
    .queries(auctionId)
    .ask("bids", { auctionId, ...page });
  if (bids === null) throw new ProblemError("auction_not_found");
  return json(bids);
}

/**
 * `GET /v1/auctions/:id/bids/:bidId`. A bid whose sequence the caller was told (a 202's `Location` carries it) is
 * pending until it is decided; one that nobody has heard of is not found.
 */
export async function getBid(c: AppContext): Promise<Response> {
  admitRead(c);
  const auctionId = auctionIdParam(c);
  const bidId = c.req.param("bidId") ?? "";
  if (!ID_PATTERN.test(bidId)) throw new ProblemError("bid_not_found");
  const { seq } = parse(pendingSchema, c.req.query());
  const found = await c.get("deps").queries(auctionId).ask("bid", { auctionId, bidId });
  if (found === null) throw new ProblemError("auction_not_found");
  if (found.outcome === null) {
    if (seq === undefined) throw new ProblemError("bid_not_found");
    return json({ bidId, outcome: "pending", seq, version: found.version });
  }
  const { actorId: _actor, kind: _kind, key: _key, leading: _leading, ...bid } = found.outcome;
  return json({ ...bid, bidId, bidder: found.bidder });
}
