import type { Outcome } from "../../shared/outcomes.ts";
import { decidedProblem, hopelessProblem, problem } from "../problem.ts";
import type { GatewayReply } from "../gateway/http-waiters.ts";

/** The longest a caller may wait for an outcome, and what it waits without saying. */
const MAX_WAIT_MS = 10_000;
const DEFAULT_WAIT_MS = 2_000;

/** `Prefer: respond-async` is no wait at all, `Prefer: wait=N` is N seconds (RFC 7240). */
export function waitOf(prefer: string | null): number {
  if (prefer === null) return DEFAULT_WAIT_MS;
  const preferences = prefer
    .toLowerCase()
    .split(",")
    .map((part) => part.trim());
  if (preferences.includes("respond-async")) return 0;
  const wait = preferences.find((part) => part.startsWith("wait="));
  const seconds = wait === undefined ? Number.NaN : Number(wait.slice("wait=".length));
  if (!Number.isFinite(seconds) || seconds < 0) return DEFAULT_WAIT_MS;
  return Math.min(MAX_WAIT_MS, Math.round(seconds * 1_000));
}

export interface Accepted {
  headers: Record<string, string>;
  /** Where the created thing is; its id is derived only when it is needed. */
  location(outcome?: Outcome): string;
  body(outcome: Outcome): unknown;
  /** The body of a 202. */
  pending(): object;
}

/** A gateway's reply as HTTP. */
export function replyOf(reply: GatewayReply, accepted: Accepted): Response {
  switch (reply.kind) {
    case "decided": {
      if (reply.outcome.outcome === "rejected") return decidedProblem(reply.outcome);
      const headers = { ...jsonHeaders, ...accepted.headers, location: accepted.location(reply.outcome) };
      return new Response(JSON.stringify(accepted.body(reply.outcome)), { status: 201, headers });
    }
    case "queued": {
      const headers = {
        ...jsonHeaders,
        ...accepted.headers,
        location: `${accepted.location()}?seq=${reply.seq}`,
      };
      return new Response(JSON.stringify({ ...accepted.pending(), seq: reply.seq }), {
        status: 202,
        headers,
      });
    }
    case "failed":
      return problem(reply.reason, reply.reason === "not_queued" ? { queued: false } : {});
    case "hopeless":
      return hopelessProblem(reply.reason);
    case "not_found":
      return problem("auction_not_found");
    case "unavailable":
      return problem("not_queued", { queued: false, detail: "the auction could not be looked up" });
  }
}

export const jsonHeaders = { "content-type": "application/json", "cache-control": "no-store" };

export function json(body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), { headers: { ...jsonHeaders, ...headers } });
}
