import type { Outcome } from "../../shared/outcomes.ts";
import { decidedProblem, hopelessProblem, problem } from "../problem.ts";
import { MAX_WAIT_MS, type GatewayReply } from "../gateway/http-waiters.ts";

/** What a caller waits without saying. */
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

/** How a command's fates are told. */
export interface Accepted {
  /** Of an accepted command. */
  status: 200 | 201;
  headers: Record<string, string>;
  /** Where the created thing is, if one is; its id is derived only when it is needed. */
  location?(outcome?: Outcome): string;
  body(outcome: Outcome): unknown;
  /** The body of a 202. */
  pending(): object;
  /** What a 503 says beside its reason. */
  failed?: object;
}

/** A gateway's reply as HTTP. */
export function replyOf(reply: GatewayReply, accepted: Accepted): Response {
  switch (reply.kind) {
    case "decided": {
      if (reply.outcome.outcome === "rejected") return decidedProblem(reply.outcome);
      return answer(accepted, {
        status: accepted.status,
        body: accepted.body(reply.outcome),
        location: accepted.location?.(reply.outcome),
      });
    }
    case "queued": {
      const location = accepted.location?.();
      return answer(accepted, {
        status: 202,
        body: { ...accepted.pending(), seq: reply.seq },
        location: location === undefined ? undefined : `${location}?seq=${reply.seq}`,
      });
    }
    case "failed":
      return problem(reply.reason, {
        ...(reply.reason === "not_queued" ? { queued: false } : {}),
        ...accepted.failed,
      });
    case "hopeless":
      return hopelessProblem(reply.reason);
    case "not_found":
      return problem("auction_not_found");
    case "unavailable":
      return problem("not_queued", { queued: false, detail: "the auction could not be looked up" });
  }
}

function answer(
  { headers }: Accepted,
  { status, body, location }: { status: number; body: unknown; location: string | undefined },
): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { ...jsonHeaders, ...headers, ...(location === undefined ? {} : { location }) },
  });
}

/** An outcome for who asked for it: without what the asker has said. */
export function outcomeBody(outcome: Outcome): Omit<Outcome, "actorId" | "kind"> {
  const { actorId: _actor, kind: _kind, ...rest } = outcome;
  return rest;
}

export const jsonHeaders = { "content-type": "application/json", "cache-control": "no-store" };

export function json(body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), { headers: { ...jsonHeaders, ...headers } });
}
