import * as z from "zod";
import type { AuctionView } from "../../shared/auctions.ts";
import { admitRead, auctionIdParam, parse } from "../admission/gates.ts";
import type { AppContext } from "../app-types.ts";
import { ProblemError } from "../problem.ts";
import { json } from "./replies.ts";

const minVersionSchema = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional();

/** `GET /v1/auctions/:id`, from the read model; from the core on a miss, or when a version is asked for. */
export async function getAuction(c: AppContext): Promise<Response> {
  admitRead(c);
  const auctionId = auctionIdParam(c);
  const auction = await findAuction(c, auctionId);
  const etag = `"${auction.version}"`;
  if (c.req.raw.headers.get("if-none-match") === etag)
    return new Response(null, { status: 304, headers: { etag } });
  return json(auction, { etag, "cache-control": "no-cache" });
}

/** `GET /v1/auctions/:id/leaderboard`: the best accepted amount of each bidder, highest first. */
export async function getLeaderboard(c: AppContext): Promise<Response> {
  admitRead(c);
  const auctionId = auctionIdParam(c);
  const minVersion = minVersionOf(c);
  const found = await c
    .get("deps")
    .queries(auctionId)
    .ask("auction", { auctionId, ...minVersion });
  if (found === null) throw new ProblemError("auction_not_found");
  const { version } = found.auction;
  return json(
    { auctionId, version, leaderboard: found.leaderboard },
    { etag: `"${version}"`, "cache-control": "no-cache" },
  );
}

async function findAuction(c: AppContext, auctionId: string): Promise<AuctionView> {
  const deps = c.get("deps");
  const minVersion = minVersionOf(c);
  const cached = await deps.readModel?.auction(auctionId);
  if (cached !== undefined && cached.version >= (minVersion.minVersion ?? 0)) return cached;
  const found = await deps.queries(auctionId).ask("auction", { auctionId, ...minVersion });
  if (found === null) throw new ProblemError("auction_not_found");
  return found.auction;
}

function minVersionOf(c: AppContext): { minVersion?: number } {
  const minVersion = parse(minVersionSchema, c.req.query("minVersion"));
  return minVersion === undefined ? {} : { minVersion };
}
