import { BEARER_PROTOCOL_PREFIX, LIVE_PROTOCOL } from "../../shared/frames.ts";
import { admitRead, auctionIdParam, clientAddress } from "../admission/gates.ts";
import { authenticate, type Identity } from "../admission/token.ts";
import type { AppContext } from "../app-types.ts";
import type { LiveRequest } from "../gateway/live-upgrade.ts";
import { problem, ProblemError } from "../problem.ts";

/** `GET /v1/auctions/:id/live?since=`: a WebSocket, or server-sent events for who asks for `text/event-stream`. */
export async function getLive(c: AppContext): Promise<Response> {
  admitRead(c);
  const auctionId = auctionIdParam(c);
  const { headers } = c.req.raw;
  const socket = headers.get("upgrade")?.toLowerCase() === "websocket";
  if (!socket && !(headers.get("accept") ?? "").includes("text/event-stream")) {
    throw new ProblemError("invalid_request", {
      detail: "ask for a WebSocket upgrade, or accept text/event-stream",
    });
  }
  const live: LiveRequest = { transport: socket ? "socket" : "events", ip: clientAddress(c), mayBid: false };
  const since = sinceOf(c);
  if (since !== undefined) live.since = since;
  const identity = socket ? await identityOf(c) : undefined;
  if (identity !== undefined) {
    live.bidder = identity.userId;
    live.expiresAtMs = identity.expiresAtMs;
    live.mayBid = identity.roles.has("bidder");
  }
  try {
    return await c.get("deps").live(auctionId, live);
  } catch (error) {
    console.error(
      JSON.stringify({ level: "error", msg: "a gateway failed", auctionId, error: String(error) }),
    );
    return problem("unavailable");
  }
}

/** A browser cannot set headers on a WebSocket, so its token travels as a subprotocol; others may use the header. */
async function identityOf(c: AppContext): Promise<Identity | undefined> {
  const { headers } = c.req.raw;
  const offered = (headers.get("sec-websocket-protocol") ?? "").split(",").map((protocol) => protocol.trim());
  const bearer = offered.find((protocol) => protocol.startsWith(BEARER_PROTOCOL_PREFIX));
  const { verifier } = c.get("deps");
  if (bearer !== undefined) {
    if (!offered.includes(LIVE_PROTOCOL)) {
      throw new ProblemError("invalid_request", {
        detail: `offer the subprotocol ${LIVE_PROTOCOL} beside the token`,
      });
    }
    return verifier.verify(bearer.slice(BEARER_PROTOCOL_PREFIX.length));
  }
  const authorization = headers.get("authorization");
  return authorization === null ? undefined : authenticate(verifier, authorization);
}

/** The last version that the client knows; a browser's reconnect sends it as `Last-Event-ID`. */
function sinceOf(c: AppContext): number | undefined {
  const text = c.req.raw.headers.get("last-event-id") ?? c.req.query("since");
  if (text === undefined || text === "") return undefined;
  const since = Number(text);
  if (!Number.isSafeInteger(since) || since < 0)
    throw new ProblemError("invalid_request", { detail: "since must be a version" });
  return since;
}
