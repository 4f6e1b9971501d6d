import type { Clock } from "../../clock.ts";
import { CoreError } from "../../core-error.ts";
import type { Log } from "../../log.ts";
import type { DueDelivery, SettledDelivery } from "../../shards/webhook-deliveries.ts";
import type { CoreMetrics } from "../../telemetry.ts";
import type { WebhookPoster } from "./post-webhook.ts";
import { signatureHeaders } from "./webhook-signature.ts";
import { afterFailure, type RetryPolicy } from "./webhook-retry.ts";
import { resolveTarget, type TargetDeps } from "./webhook-target.ts";

export interface AttemptDeps extends TargetDeps {
  readonly poster: Pick<WebhookPoster, "post">;
  readonly clock: Clock;
  /** From [0, 1). */
  readonly random: () => number;
  readonly retry: RetryPolicy;
  /** For one request, from the connection to the end of the answer. */
  readonly timeoutMs: number;
  readonly metrics: CoreMetrics;
  readonly log: Log;
}

interface Answer {
  readonly status: number | null;
  readonly retryAfter?: string | undefined;
  /** Null: the endpoint has it. */
  readonly error: string | null;
}

/**
 * Sends a delivery once; never rejects. Undefined when `signal` ended it before there was an answer: then it is as if it had not been
 * tried, and the endpoint may get it twice.
 */
export async function attemptDelivery(
  deps: AttemptDeps,
  due: DueDelivery,
  signal: AbortSignal,
): Promise<SettledDelivery | undefined> {
  const answer = await send(deps, due, signal);
  if (answer.error !== null && signal.aborted) return undefined;
  const { endpointId, auctionId, eventId, slot } = due;
  const settled = { endpointId, auctionId, eventId, slot, error: answer.error };
  const nowMs = deps.clock.now();
  if (answer.error === null) {
    deps.metrics.webhookAttempts.add(1, { outcome: "delivered" });
    return { ...settled, outcome: "delivered", atMs: nowMs };
  }
  const attempts = due.attempts + 1;
  const { status, retryAfter, error } = answer;
  const verdict = afterFailure(
    deps.retry,
    { status, retryAfter, attempts },
    { nowMs, random: deps.random() },
  );
  const fields = { endpointId, eventId, attempts, reason: error };
  if (verdict.dead) {
    deps.metrics.webhookAttempts.add(1, { outcome: "dead" });
    deps.log.error("a webhook delivery was given up", fields);
    return { ...settled, outcome: "dead", atMs: nowMs };
  }
  deps.metrics.webhookAttempts.add(1, { outcome: "failed" });
  deps.log.warn("a webhook was not taken and will be sent again", fields);
  return { ...settled, outcome: "retry", atMs: verdict.retryAtMs };
}

async function send(deps: AttemptDeps, due: DueDelivery, signal: AbortSignal): Promise<Answer> {
  try {
    const target = await resolveTarget(deps, due.url, due.attempts);
    const { eventId: id, payload: body } = due;
    const headers = signatureHeaders(due.secret, { id, body, atMs: deps.clock.now() });
    const { timeoutMs } = deps;
    const { status, retryAfter } = await deps.poster.post(target, { headers, body }, { timeoutMs, signal });
    const taken = status >= 200 && status < 300;
    return { status, retryAfter, error: taken ? null : `HTTP ${status}` };
  } catch (error) {
    if (error instanceof CoreError) return { status: null, error: error.message };
    const { endpointId, eventId } = due;
    deps.log.error("a webhook could not be sent because of a fault of ours", { endpointId, eventId, error });
    return { status: null, error: "a fault of ours" };
  }
}
