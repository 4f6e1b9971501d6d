import type { Outcome } from "../shared/outcomes.ts";
import type { FieldError } from "./field-errors.ts";
import type { HopelessReason } from "./gateway/hopeless.ts";
import {
  decidedType,
  edgeType,
  faultyField,
  typeUrl,
  type ProblemReason,
  type ProblemType,
} from "./problem-types.ts";

/** Advice with a refusal that a moment may cure. */
const RETRY_AFTER_SECONDS = 1;

/** Thrown where a request is refused; the app turns it into its `application/problem+json`. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly reason: ProblemReason;
  readonly extra: Record<string, unknown>;
  readonly headers: Record<string, string>;

  constructor(
    reason: ProblemReason,
    extra: Record<string, unknown> = {},
    headers: Record<string, string> = {},
  ) {
    super(edgeType(reason).title);
    this.reason = reason;
    this.extra = extra;
    this.headers = headers;
  }
}

export function problem(
  reason: ProblemReason,
  extra: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Response {
  const type = edgeType(reason);
  const retry =
    type.status === 503 && headers["retry-after"] === undefined
      ? { "retry-after": String(RETRY_AFTER_SECONDS) }
      : {};
  return responseOf(type, extra, { ...retry, ...headers });
}

/** A refusal that the log decided: with everything that was decided, and the field at fault where there is one. */
export function decidedProblem(outcome: Outcome): Response {
  const { actorId: _actor, kind: _kind, key: _key, reason = "internal_error", ...decided } = outcome;
  const type = decidedType(reason);
  const pointer = outcome.field ?? faultyField(reason);
  const errors: FieldError[] | undefined =
    type.status === 422 && pointer !== undefined ? [{ pointer, message: type.title }] : undefined;
  return responseOf(type, { ...decided, ...(errors === undefined ? {} : { errors }) });
}

/** A refusal before the log, in the name of what the log would say: it consumed no key. */
export function hopelessProblem(reason: HopelessReason): Response {
  return responseOf(decidedType(reason), { queued: false });
}

function responseOf(
  { reason, status, title }: ProblemType,
  extra: Record<string, unknown>,
  headers: Record<string, string> = {},
): Response {
  const body = { type: typeUrl(reason), title, status, reason, ...extra };
  return new Response(JSON.stringify(body), { status, headers: { ...problemHeaders, ...headers } });
}

const problemHeaders = { "content-type": "application/problem+json", "cache-control": "no-store" };
