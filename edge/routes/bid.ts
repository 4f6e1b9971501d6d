import { bidBodySchema, type BidCommand } from "../../shared/commands.ts";
import { bidIdFor } from "../../shared/ids.ts";
import type { Outcome } from "../../shared/outcomes.ts";
import { admitGlobally, admitWrite, auctionIdParam, rateLimitHeaders } from "../admission/gates.ts";
import type { AppContext } from "../app-types.ts";
import { submitTo } from "./submit.ts";
import { replyOf, waitOf } from "./replies.ts";

/** `POST /v1/auctions/:id/bids`: 201 or 409 once committed, 202 while only the stream has it. */
export async function postBid(c: AppContext): Promise<Response> {
  const deps = c.get("deps");
  const { identity, ip, key, body, take } = await admitWrite(c, "bid", "bidder", bidBodySchema);
  const auctionId = auctionIdParam(c);
  await admitGlobally(deps.limiter.bid(identity.userId, ip, auctionId));
  const command: BidCommand = { type: "bid", bidderId: identity.userId, key, body };
  const trace = c.get("trace");
  if (trace !== undefined) command.trace = trace;
  const reply = await submitTo(deps, auctionId, {
    kind: "bid",
    actorId: identity.userId,
    key,
    command: JSON.stringify(command),
    waitMs: waitOf(c.req.raw.headers.get("prefer")),
  });
  const bidId = (): string => bidIdFor(auctionId, identity.userId, key);
  return replyOf(reply, {
    location: (outcome) => `/v1/auctions/${auctionId}/bids/${outcome?.bidId ?? bidId()}`,
    headers: rateLimitHeaders(deps.limiter.policies.bid.user, take),
    body: bidOf,
    pending: () => ({ bidId: bidId(), outcome: "pending" }),
  });
}

function bidOf(outcome: Outcome): object {
  const { actorId: _actor, kind: _kind, ...bid } = outcome;
  return bid;
}
