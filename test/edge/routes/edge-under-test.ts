import { expect } from "vitest";
import { createLeases } from "../../../edge/admission/leases.ts";
import { createLimiter } from "../../../edge/admission/limiter.ts";
import { defaultPolicies, type Policies } from "../../../edge/admission/policies.ts";
import { createApp } from "../../../edge/app.ts";
import type { AppDeps } from "../../../edge/app-types.ts";
import type { SubmitRequest } from "../../../edge/gateway/auction-gateway.ts";
import type { GatewayReply } from "../../../edge/gateway/http-waiters.ts";
import { ProblemError } from "../../../edge/problem.ts";
import { CoreUnavailableError, type CoreQueries } from "../../../edge/reading/core-queries.ts";
import { tracerWith } from "../../../edge/telemetry/tracer.ts";
import type { AuctionView } from "../../../shared/auctions.ts";
import { problemSchema } from "../../../shared/problem.ts";
import { outcomeAt } from "../builders.ts";

/** What the edge finds behind it, and what it has handed over; a test changes the one and reads the other. */
export interface World {
  submitted: { auctionId: string; request: SubmitRequest }[];
  reply: GatewayReply | Error;
  /** The core's answers by kind of query; a kind without one has no core. */
  answers: Record<string, unknown>;
  /** What the core was asked. */
  asked: { kind: string; request: unknown }[];
  /** What Redis holds. */
  cached: AuctionView | undefined;
  policies: Policies;
}

export const newWorld = (): World => ({
  submitted: [],
  reply: { kind: "decided", outcome: outcomeAt(0) },
  answers: {},
  asked: [],
  cached: undefined,
  policies: defaultPolicies,
});

/** The app in that world; the token `bob:bidder` is bob, a bidder, and `bob:bidder,seller` sells, too. */
export function edgeIn(world: World) {
  const queries = {
    ask: async (kind: string, request: unknown) => {
      world.asked.push({ kind, request });
      const answer = world.answers[kind];
      if (answer === undefined) throw new CoreUnavailableError("no core is running");
      return answer;
    },
  } as unknown as CoreQueries;
  const deps: AppDeps = {
    verifier: {
      verify: (token) => {
        const [userId = "", role] = token.split(":");
        if (role === undefined) throw new ProblemError("unauthenticated");
        return { userId, roles: new Set(role.split(",")), expiresAtMs: 0 };
      },
    },
    limiter: createLimiter({
      policies: world.policies,
      leases: createLeases(),
      global: undefined,
      now: () => 0,
    }),
    readModel: { auction: async () => world.cached },
    tracer: tracerWith({
      ratio: 0,
      endpoint: undefined,
      now: () => 0,
      random: () => 1,
      post: async () => undefined,
    }),
    submit: async (auctionId, request) => {
      world.submitted.push({ auctionId, request });
      if (world.reply instanceof Error) throw world.reply;
      return world.reply;
    },
    live: async () => new Response("live"),
    queries: () => queries,
    now: () => 0,
  };
  return createApp(() => deps);
}

/** Status and reason of a refusal, which must be a problem with nothing published. */
export async function refusal(response: Response | Promise<Response>): Promise<string> {
  const given = await response;
  expect(given.headers.get("content-type")).toBe("application/problem+json");
  const problem = problemSchema.parse(await given.json());
  expect(problem.status).toBe(given.status);
  return `${given.status} ${problem.reason}`;
}
