import { Hono } from "hono";
import { allowOrigin, preflight } from "./admission/cross-origin.ts";
import type { AppDeps, AppTypes } from "./app-types.ts";
import type { Env } from "./env.ts";
import { problem, ProblemError } from "./problem.ts";
import { CoreUnavailableError, InvalidQueryError } from "./reading/core-queries.ts";
import { getAuction, getLeaderboard } from "./routes/auction.ts";
import { getAudit } from "./routes/audit.ts";
import { postBid } from "./routes/bid.ts";
import { postBlock, postRetract, postUnblock } from "./routes/bidders.ts";
import { getBid, listBids } from "./routes/bids.ts";
import { postAuction } from "./routes/create.ts";
import { getDocs, getOpenApi, getProblemTypes } from "./routes/docs.ts";
import { getHealth } from "./routes/health.ts";
import { listAuctions } from "./routes/list.ts";
import { getLive } from "./routes/live.ts";
import { listOrders, postConfirm, postExpire, postRelease, postSecondChance } from "./routes/orders.ts";
import { listOwnBids, listOwnOrders } from "./routes/own.ts";
import { postCancel, postChangeEnd, postEnd } from "./routes/running.ts";
import { endSpan } from "./telemetry/end-span.ts";

/** The edge's HTTP face, on whatever it is given: the Worker gives it Durable Objects and Redis, a test gives it fakes. */
export function createApp(depsOf: (env: Env) => AppDeps): Hono<AppTypes> {
  const app = new Hono<AppTypes>({ strict: false });
  // One middleware for everything that is the same for all: each one more costs every bid a promise.
  app.use(async (c, next) => {
    if (c.req.method === "OPTIONS") return preflight();
    const deps = depsOf(c.env);
    c.set("deps", deps);
    const span = deps.tracer.start(c.req.method, c.req.raw.headers.get("traceparent"));
    c.set("trace", span?.traceparent);
    await next();
    if (span !== undefined) endSpan(c, span);
    allowOrigin(c);
  });
  app.post("/v1/auctions", postAuction);
  app.get("/v1/auctions", listAuctions);
  app.get("/v1/auctions/:id", getAuction);
  app.get("/v1/auctions/:id/leaderboard", getLeaderboard);
  app.get("/v1/auctions/:id/audit", getAudit);
  app.post("/v1/auctions/:id/bids", postBid);
  app.get("/v1/auctions/:id/bids", listBids);
  app.get("/v1/auctions/:id/bids/:bidId", getBid);
  app.get("/v1/auctions/:id/live", getLive);
  app.post("/v1/auctions/:id/cancel", postCancel);
  app.post("/v1/auctions/:id/end", postEnd);
  app.post("/v1/auctions/:id/change-end", postChangeEnd);
  app.post("/v1/auctions/:id/block", postBlock);
  app.post("/v1/auctions/:id/unblock", postUnblock);
  app.post("/v1/auctions/:id/bids/:bidId/retract", postRetract);
  app.get("/v1/auctions/:id/orders", listOrders);
  // An order's id names its auction, so both ways lead to it.
  for (const order of ["/v1/auctions/:id/orders/:orderId", "/v1/orders/:orderId"]) {
    app.post(`${order}/confirm`, postConfirm);
    app.post(`${order}/release`, postRelease);
    app.post(`${order}/expire`, postExpire);
    app.post(`${order}/second-chance`, postSecondChance);
  }
  app.get("/v1/me/bids", listOwnBids);
  app.get("/v1/me/orders", listOwnOrders);
  app.get("/v1/health", getHealth);
  app.get("/openapi.json", getOpenApi);
  app.get("/docs", getDocs);
  app.get("/docs/problems", getProblemTypes);
  app.notFound(() => problem("route_not_found"));
  app.onError(refusalOf);
  return app;
}

function refusalOf(error: Error): Response {
  if (error instanceof ProblemError) return problem(error.reason, error.extra, error.headers);
  if (error instanceof CoreUnavailableError) return problem("unavailable", { detail: error.message });
  if (error instanceof InvalidQueryError) return problem("invalid_request", { detail: error.message });
  console.error(
    JSON.stringify({ level: "error", msg: "a request failed", error: error.stack ?? String(error) }),
  );
  return problem("internal_error");
}
