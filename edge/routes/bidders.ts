import { ID_PATTERN } from "../../shared/ids.ts";
import { auctionIdParam } from "../admission/gates.ts";
import type { AppContext } from "../app-types.ts";
import { ProblemError } from "../problem.ts";
import { CoreUnavailableError } from "../reading/core-queries.ts";
import { blockBodySchema, reasonBodySchema } from "./manage-bodies.ts";
import { OPERATORS, postManagement } from "./manage.ts";

/** `POST /v1/auctions/:id/block`: the bidder may not bid here any more; what was bid stands. */
export function postBlock(c: AppContext): Promise<Response> {
  return postBlocking(c, "block");
}

/** `POST /v1/auctions/:id/unblock`. */
export function postUnblock(c: AppContext): Promise<Response> {
  return postBlocking(c, "unblock");
}

/** `POST /v1/auctions/:id/bids/:bidId/retract`: withdraws the bids of that bid's bidder. */
export function postRetract(c: AppContext): Promise<Response> {
  return postManagement(c, {
    roles: OPERATORS,
    schema: reasonBodySchema,
    auctionId: () => auctionIdParam(c),
    async body({ reason }, auctionId) {
      const bidId = c.req.param("bidId") ?? "";
      if (!ID_PATTERN.test(bidId)) throw new ProblemError("bid_not_found");
      return { action: "retract", bidId, bidderId: await bidderOf(c, auctionId, bidId), reason };
    },
  });
}

function postBlocking(c: AppContext, action: "block" | "unblock"): Promise<Response> {
  return postManagement(c, {
    roles: OPERATORS,
    schema: blockBodySchema,
    auctionId: () => auctionIdParam(c),
    async body({ bidderId, bidId, reason }, auctionId) {
      const named = bidderId ?? (await bidderOf(c, auctionId, bidId ?? ""));
      return { action, bidderId: named, reason };
    },
  });
}

/** Whose bid it is. The log wants the bidder's true id, so that it decides without looking anything up. */
async function bidderOf(c: AppContext, auctionId: string, bidId: string): Promise<string> {
  const found = await c
    .get("deps")
    .queries(auctionId)
    .ask("bid", { auctionId, bidId })
    .catch((error: unknown) => {
      if (!(error instanceof CoreUnavailableError)) throw error;
      throw new ProblemError("not_queued", { queued: false, detail: "the bid could not be looked up" });
    });
  if (found === null) throw new ProblemError("auction_not_found");
  if (found.outcome === null) throw new ProblemError("bid_not_found");
  return found.outcome.actorId;
}
