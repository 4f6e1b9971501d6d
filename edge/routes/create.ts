import type { AuctionView } from "../../shared/auctions.ts";
import { type CreateCommand, RULES_VERSION } from "../../shared/commands.ts";
import { auctionIdFor } from "../../shared/ids.ts";
import { createAuctionSchema, type CreateAuction } from "../../shared/terms.ts";
import { admitGlobally, admitWrite, rateLimitHeaders, type WriteRules } from "../admission/gates.ts";
import type { AppContext, AppDeps } from "../app-types.ts";
import type { GatewayReply } from "../gateway/http-waiters.ts";
import { submitTo } from "./submit.ts";
import { replyOf, waitOf } from "./replies.ts";

/** Bytes of the salts that make an auction's bidder aliases unguessable, and its audit chain's commitments. */
const SALT_BYTES = 18;

const CREATE: WriteRules<CreateAuction> = {
  kind: "create",
  roles: ["seller"],
  schema: createAuctionSchema,
};

/** `POST /v1/auctions`. The id follows from seller and key, so a retry finds its own. */
export async function postAuction(c: AppContext): Promise<Response> {
  const deps = c.get("deps");
  const { identity, ip, key, body, take } = await admitWrite(c, CREATE);
  await admitGlobally(deps.limiter.create(identity.userId, ip));
  const auctionId = auctionIdFor(identity.userId, key);
  const command: CreateCommand = {
    type: "create",
    sellerId: identity.userId,
    key,
    body,
    rules: RULES_VERSION,
    aliasSalt: randomSalt(),
    secretSalt: randomSalt(),
  };
  const trace = c.get("trace");
  if (trace !== undefined) command.trace = trace;
  const reply = await submitTo(deps, auctionId, {
    kind: "create",
    actorId: identity.userId,
    key,
    command: JSON.stringify(command),
    waitMs: waitOf(c.req.raw.headers.get("prefer")),
  });
  const view = await viewOf(deps, auctionId, reply);
  return replyOf(reply, {
    status: 201,
    location: () => `/v1/auctions/${auctionId}`,
    headers: rateLimitHeaders(deps.limiter.policies.create.user, take),
    body: () => view,
    pending: () => ({ id: auctionId, outcome: "pending" }),
  });
}

/** The result of a first create carries the auction; a retry's does not, so it is asked for. */
async function viewOf(
  deps: AppDeps,
  auctionId: string,
  reply: GatewayReply,
): Promise<AuctionView | undefined> {
  if (reply.kind !== "decided" || reply.outcome.outcome !== "accepted") return undefined;
  if (reply.auction !== undefined) return reply.auction;
  const found = await deps
    .queries(auctionId)
    .ask("auction", { auctionId, minVersion: reply.outcome.version });
  return found?.auction;
}

function randomSalt(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(SALT_BYTES));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_");
}
