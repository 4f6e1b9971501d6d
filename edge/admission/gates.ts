import type * as z from "zod";
import { idempotencyKeySchema, ID_PATTERN } from "../../shared/ids.ts";
import type { AppContext } from "../app-types.ts";
import { ProblemError } from "../problem.ts";
import { checkAnnouncedSize, readJsonBody } from "./body.ts";
import type { Verdict } from "./leases.ts";
import type { Take } from "./local-buckets.ts";
import type { BucketPolicy } from "./policies.ts";
import { authenticate, requireRole, type Identity, type Role } from "./token.ts";

/** Cloudflare sets it on every request from outside and overwrites what a client puts there. */
export function clientAddress(c: AppContext): string {
  return c.req.raw.headers.get("cf-connecting-ip") ?? "unknown";
}

/** An id from the path. One that may not stand in a subject names nothing, and goes no further. */
export function auctionIdParam(c: AppContext): string {
  const id = c.req.param("id") ?? "";
  if (!ID_PATTERN.test(id)) throw new ProblemError("auction_not_found");
  return id;
}

export function admitRead(c: AppContext): void {
  const take = c.get("deps").limiter.read(clientAddress(c));
  if (!take.allowed) throw rateLimited("ip", take.retryAfterMs);
}

export interface Write<T> {
  identity: Identity;
  ip: string;
  key: string;
  body: T;
  /** The user's bucket after this request, for the reply's headers. */
  take: Take;
}

/** Size, address, token, role, key, schema, user: every gate that costs no call, cheapest first. */
export async function admitWrite<T>(
  c: AppContext,
  kind: "bid" | "create",
  role: Role,
  schema: z.ZodType<T>,
): Promise<Write<T>> {
  const { limiter, verifier } = c.get("deps");
  const request = c.req.raw;
  checkAnnouncedSize(request);
  const ip = clientAddress(c);
  const byAddress = limiter.writeFrom(ip, kind);
  if (!byAddress.allowed) throw rateLimited("ip", byAddress.retryAfterMs);
  const verified = authenticate(verifier, request.headers.get("authorization"));
  const identity = verified instanceof Promise ? await verified : verified;
  requireRole(identity, role);
  const key = idempotencyKeyOf(request);
  const body = parse(schema, await readJsonBody(request));
  const take = limiter.writeBy(identity.userId, kind);
  if (!take.allowed) throw rateLimited("user", take.retryAfterMs);
  return { identity, ip, key, body, take };
}

/** The global bucket's verdict; a call only when the leases are used up. */
export async function admitGlobally(verdict: Verdict | Promise<Verdict>): Promise<void> {
  const given = verdict instanceof Promise ? await verdict : verdict;
  if (!given.allowed) throw rateLimited(given.bucket, given.retryAfterMs);
}

export function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ProblemError("invalid_request", { errors: parsed.error.issues.map(fieldError) });
}

/** Two draft headers (draft-ietf-httpapi-ratelimit-headers): the user's policy, and what is left of it. */
export function rateLimitHeaders(policy: BucketPolicy, take: Take): Record<string, string> {
  const windowSeconds = Math.max(1, Math.round(policy.burst / policy.ratePerSecond));
  return {
    "ratelimit-policy": `"user";q=${Math.floor(policy.burst)};w=${windowSeconds}`,
    ratelimit: `"user";r=${take.remaining};t=${Math.max(1, Math.ceil(1 / policy.ratePerSecond))}`,
  };
}

function idempotencyKeyOf(request: Request): string {
  const key = request.headers.get("idempotency-key");
  if (key === null || key === "") throw new ProblemError("missing_idempotency_key");
  const parsed = idempotencyKeySchema.safeParse(key);
  if (parsed.success) return parsed.data;
  throw new ProblemError("invalid_request", {
    errors: [{ pointer: "Idempotency-Key", message: "must match ^[A-Za-z0-9_.:-]{1,64}$" }],
  });
}

function fieldError(issue: z.core.$ZodIssue): { pointer: string; message: string } {
  return { pointer: issue.path.map((part) => `/${String(part)}`).join(""), message: issue.message };
}

function rateLimited(bucket: string, retryAfterMs: number): ProblemError {
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1_000));
  return new ProblemError("rate_limited", { bucket, retryAfterMs }, { "retry-after": String(seconds) });
}
