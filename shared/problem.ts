import * as z from "zod";

/** RFC 9457 `application/problem+json`; `reason` is stable, the other texts are for people. */
export const problemSchema = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  reason: z.string(),
  detail: z.string().optional(),
  /** Of 422: the fields at fault, as JSON pointers. */
  errors: z.array(z.object({ pointer: z.string(), message: z.string() })).optional(),
});

/** Reasons for which the edge itself refuses; a decided refusal carries the reason of its outcome. */
export const edgeReasons = {
  malformed_json: { status: 400, title: "The body is not JSON" },
  missing_idempotency_key: { status: 400, title: "Idempotency-Key is required" },
  unauthenticated: { status: 401, title: "A valid bearer token is required" },
  forbidden: { status: 403, title: "The token's roles do not allow this" },
  auction_not_found: { status: 404, title: "There is no such auction" },
  bid_not_found: { status: 404, title: "There is no such bid" },
  route_not_found: { status: 404, title: "There is nothing here" },
  body_too_large: { status: 413, title: "The body is larger than 4 KB" },
  invalid_request: { status: 422, title: "The request does not fit its schema" },
  rate_limited: { status: 429, title: "Too many requests" },
  internal_error: { status: 500, title: "The edge failed" },
  /** The command is in no log; it is safe to forget it or to try again. */
  not_queued: { status: 503, title: "The command was not queued" },
  /** The command may be in the log; only a retry with the same key tells. */
  outcome_unknown: { status: 503, title: "It is not known whether the command was queued" },
  unavailable: { status: 503, title: "The core does not answer" },
} as const;

export type EdgeReason = keyof typeof edgeReasons;
export type Problem = z.infer<typeof problemSchema>;
