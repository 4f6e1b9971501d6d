import type * as z from "zod";
import { idempotencyKeySchema, ID_PATTERN } from "../../shared/ids.ts";
import type { AppContext } from "../app-types.ts";
import { fieldErrorsOf } from "../field-errors.ts";
import { ProblemError } from "../problem.ts";
import { checkAnnouncedSize, readJsonBody } from "./body.ts";
import type { Verdict } from "./leases.ts";
import type { WriteKind } from "./limiter.ts";
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

/** The identity of whoever may read what is not everybody's. */
export async function admitReader(
  c: AppContext,
  roles: readonly Role[],
): Promise<{ identity: Identity; role: Role }> {
  admitRead(c);
  const identity = await authenticate(c.get("deps").verifier, c.req.raw.headers.get("authorization"));
  return { identity, role: requireRole(identity, roles) };
}

/** What a write asks of its request. */
export interface WriteRules<T> {
  kind: WriteKind;
  /** Who may, the mightiest first. */
  roles: readonly Role[];
  schema: z.ZodType<T>;
  /** Nothing is created: without an idempotency key it gets one, and an empty body is one without fields. */
  lenient?: boolean;
}

export interface Write<T> {
  identity: Identity;
  /** The mightiest of the roles asked for that the token has. */
  role: Role;
  ip: string;
  key: string;
  body: T;
  /** The user's bucket after this request, for the reply's headers. */
  take: Take;
}

/** Size, address, token, role, key, schema, user: every gate that costs no call, cheapest first. */
export async function admitWrite<T>(c: AppContext, rules: WriteRules<T>): Promise<Write<T>> {
  const { kind, roles, schema, lenient = false } = rules;
  const { limiter, verifier } = c.get("deps");
  const request = c.req.raw;
  checkAnnouncedSize(request);
  const ip = clientAddress(c);
  const byAddress = limiter.writeFrom(ip, kind);
  if (!byAddress.allowed) throw rateLimited("ip", byAddress.retryAfterMs);
  const verified = authenticate(verifier, request.headers.get("authorization"));
  const identity = verified instanceof Promise ? await verified : verified;
  const role = requireRole(identity, roles);
  const key = idempotencyKeyOf(request) ?? (lenient ? crypto.randomUUID() : undefined);
  if (key === undefined) throw new ProblemError("missing_idempotency_key");
  const body = parse(schema, await readJsonBody(request, lenient));
  const take = limiter.writeBy(identity.userId, kind);
  if (!take.allowed) throw rateLimited("user", take.retryAfterMs);
  return { identity, role, ip, key, body, take };
}

/** The global bucket's verdict; a call only when the leases are used up. */
export async function admitGlobally(verdict: Verdict | Promise<Verdict>): Promise<void> {
  const given = verdict instanceof Promise ? await verdict : verdict;
  if (!given.allowed) throw rateLimited(given.bucket, given.retryAfterMs);
}

export function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ProblemError("invalid_request", { errors: fieldErrorsOf(parsed.error.issues) });
}

/** Two draft headers (draft-ietf-httpapi-ratelimit-headers): the user's policy, and what is left of it. */
export function rateLimitHeaders(policy: BucketPolicy, take: Take): Record<string, string> {
  const windowSeconds = Math.max(1, Math.round(policy.burst / policy.ratePerSecond));
  return {
    "ratelimit-policy": `"user";q=${Math.floor(policy.burst)};w=${windowSeconds}`,
    ratelimit: `"user";r=${take.remaining};t=${Math.max(1, Math.ceil(1 / policy.ratePerSecond))}`,
  };
}

function idempotencyKeyOf(request: Request): string | undefined {
  const key = request.headers.get("idempotency-key");
  if (key === null || key === "") return undefined;
  const parsed = idempotencyKeySchema.safeParse(key);
  if (parsed.success) return parsed.data;
  throw new ProblemError("invalid_request", {
    errors: [{ pointer: "Idempotency-Key", message: "must match ^[A-Za-z0-9_.:-]{1,64}$" }],
  });
}

function rateLimited(bucket: string, retryAfterMs: number): ProblemError {
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1_000));
  return new ProblemError("rate_limited", { bucket, retryAfterMs }, { "retry-after": String(seconds) });
}
