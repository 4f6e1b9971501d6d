import type { Context } from "hono";
import type { Limiter } from "./admission/limiter.ts";
import type { TokenVerifier } from "./admission/token.ts";
import type { Env } from "./env.ts";
import type { SubmitRequest } from "./gateway/auction-gateway.ts";
import type { GatewayReply } from "./gateway/http-waiters.ts";
import type { LiveRequest } from "./gateway/live-upgrade.ts";
import type { CoreQueries } from "./reading/core-queries.ts";
import type { ReadModel } from "./reading/read-model.ts";
import type { Tracer } from "./telemetry/tracer.ts";

/** Everything that a route reaches beyond its request. */
export interface AppDeps {
  verifier: TokenVerifier;
  limiter: Limiter;
  readModel: ReadModel | undefined;
  tracer: Tracer;
  /** Hands a command to the auction's gateway and waits for its reply. Rejects when the gateway cannot be reached. */
  submit(auctionId: string, request: SubmitRequest): Promise<GatewayReply>;
  /** A live connection through the auction's gateway. */
  live(auctionId: string, live: LiveRequest): Promise<Response>;
  /** Asks the core, through the link that `near` (an auction id, or anything to spread by) names. */
  queries(near: string): CoreQueries;
  now(): number;
}

export interface AppTypes {
  Bindings: Env;
  Variables: { deps: AppDeps; trace: string | undefined };
}

export type AppContext = Context<AppTypes>;
