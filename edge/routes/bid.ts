import { bidBodySchema, type BidBody } from "../../shared/bids.ts";
import type { BidCommand } from "../../shared/commands.ts";
import { bidIdFor } from "../../shared/ids.ts";
import {
  admitGlobally,
  admitWrite,
  auctionIdParam,
  rateLimitHeaders,
  type WriteRules,
} from "../admission/gates.ts";
import type { AppContext } from "../app-types.ts";
import { submitTo } from "./submit.ts";
import { outcomeBody, replyOf, waitOf } from "./replies.ts";

const BID: WriteRules<BidBody> = { kind: "bid", roles: ["bidder"], schema: bidBodySchema };

/** `POST /v1/auctions/:id/bids`: 201 or 409 once committed, 202 while only the stream has it. */
export async function postBid(c: AppContext): Promise<Response> {
  const deps = c.get("deps");
  const { identity, ip, key, body, take } = await admitWrite(c, BID);
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
    status: 201,
    location: (outcome) => `/v1/auctions/${auctionId}/bids/${outcome?.bidId ?? bidId()}`,
    headers: rateLimitHeaders(deps.limiter.policies.bid.user, take),
    body: outcomeBody,
    pending: () => ({ bidId: bidId(), outcome: "pending" }),
  });
}
