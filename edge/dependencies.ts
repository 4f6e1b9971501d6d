import type { AppDeps } from "./app-types.ts";
import { limiterFor } from "./admission/limiter.ts";
import { createTokenVerifier, keysFrom, type TokenVerifier } from "./admission/token.ts";
import { topologyOf, type Env, type Topology } from "./env.ts";
import type { GatewayReply } from "./gateway/http-waiters.ts";
import { liveHeaders } from "./gateway/live-upgrade.ts";
import { gatewayNameFor, linkNameFor } from "./naming.ts";
import { createCoreQueries } from "./reading/core-queries.ts";
import { readModelFor, type ReadModel } from "./reading/read-model.ts";
import { createTracer, type Tracer } from "./telemetry/tracer.ts";

/** What outlives a request: caches and configuration. Stubs do not, they belong to the request that made them. */
interface Lasting {
  env: Env;
  topology: Topology;
  verifier: TokenVerifier;
  readModel: ReadModel | undefined;
  tracer: Tracer;
}

let lasting: Lasting | undefined;

/** The Worker's bindings as the app's dependencies. */
export function dependenciesFor(env: Env): AppDeps {
  if (lasting?.env !== env) lasting = buildLasting(env);
  const { topology, verifier, readModel, tracer } = lasting;
  const gatewayOf = (auctionId: string, client: string) =>
    env.GATEWAY.get(env.GATEWAY.idFromName(gatewayNameFor(topology, auctionId, client)));
  return {
    verifier,
    readModel,
    tracer,
    limiter: limiterFor(env),
    now: Date.now,
    submit: async (auctionId, request) =>
      JSON.parse(await gatewayOf(auctionId, request.actorId).submit(JSON.stringify(request))) as GatewayReply,
    live: (auctionId, live) => {
      const headers = liveHeaders(live);
      if (live.transport === "socket") headers["upgrade"] = "websocket";
      return gatewayOf(auctionId, live.bidder ?? live.ip).fetch("https://gateway/live", { headers });
    },
    queries: (near) => {
      const link = env.LINK.get(env.LINK.idFromName(linkNameFor(topology, near)));
      return createCoreQueries((kind, request) => link.query(kind, request));
    },
  };
}

function buildLasting(env: Env): Lasting {
  return {
    env,
    topology: topologyOf(env),
    verifier: createTokenVerifier({
      keys: keysFrom(env),
      issuer: env.AUTH_ISSUER,
      audience: env.AUTH_AUDIENCE ?? "lastcall",
      now: Date.now,
    }),
    readModel: readModelFor(env),
    tracer: createTracer(env),
  };
}
