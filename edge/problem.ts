import { edgeReasons, type EdgeReason } from "../shared/problem.ts";
import type { Outcome, RejectionReason } from "../shared/outcomes.ts";

/** Advice with a refusal that a moment may cure. */
const RETRY_AFTER_SECONDS = 1;

/** Thrown where a request is refused; the app turns it into its `application/problem+json`. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly reason: EdgeReason;
  readonly extra: Record<string, unknown>;
  readonly headers: Record<string, string>;

  constructor(reason: EdgeReason, extra: Record<string, unknown> = {}, headers: Record<string, string> = {}) {
    super(edgeReasons[reason].title);
    this.reason = reason;
    this.extra = extra;
    this.headers = headers;
  }
}

export function problem(
  reason: EdgeReason,
  extra: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Response {
  const { status, title } = edgeReasons[reason];
  const body = { type: typeOf(reason), title, status, reason, ...extra };
  const retry =
    status === 503 && headers["retry-after"] === undefined
      ? { "retry-after": String(RETRY_AFTER_SECONDS) }
      : {};
  return new Response(JSON.stringify(body), { status, headers: { ...problemHeaders, ...retry, ...headers } });
}

const rejectionTitles: Record<RejectionReason, string> = {
  auction_not_found: "There is no such auction",
  auction_exists: "The auction exists already",
  auction_not_started: "The auction has not started",
  auction_closed: "The auction is closed",
  self_bid: "Sellers cannot bid on their own auctions",
  bid_too_low: "The bid is too low",
  idempotency_key_reused: "The idempotency key was used with another body",
  ends_in_the_past: "The auction would end in the past",
  internal_error: "The command could not be decided",
};

/** A refusal that the log decided: 409 with everything that was decided, 422 for a reused key. */
export function decidedProblem(outcome: Outcome): Response {
  const reason = outcome.reason ?? "internal_error";
  const status = reason === "idempotency_key_reused" ? 422 : 409;
  const { actorId: _actor, kind: _kind, key: _key, ...decided } = outcome;
  const body = { type: typeOf(reason), title: rejectionTitles[reason], status, ...decided, reason };
  return new Response(JSON.stringify(body), { status, headers: problemHeaders });
}

/** A refusal before the log, in the name of what the log would say: it consumed no key. */
export function hopelessProblem(reason: "auction_closed"): Response {
  const body = { type: typeOf(reason), title: rejectionTitles[reason], status: 409, reason, queued: false };
  return new Response(JSON.stringify(body), { status: 409, headers: problemHeaders });
}

const problemHeaders = { "content-type": "application/problem+json", "cache-control": "no-store" };

function typeOf(reason: string): string {
  return `urn:lastcall:problem:${reason}`;
}
