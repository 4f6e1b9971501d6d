import type { Env } from "../env.ts";
import { redisFor } from "../redis.ts";
import { count } from "../telemetry/counters.ts";
import { createGlobalBucket, DRAW_DEADLINE_MS, type GlobalBucket } from "./global-bucket.ts";
import { createLeases, type BucketUse, type Leases, type Verdict } from "./leases.ts";
import { createLocalBuckets, type LocalBuckets, type Take } from "./local-buckets.ts";
import { policiesFrom, type Policies } from "./policies.ts";

/** What is written, and so whose policies count: bids, auctions, or what is done to an auction. */
export type WriteKind = "bid" | "create" | "manage";

const ALLOWED: Verdict = { allowed: true };

export interface Limiter {
  policies: Policies;
  /** In this isolate: reads by address. */
  read(ip: string): Take;
  /** In this isolate: the address that wants to write, before its token is looked at. */
  writeFrom(ip: string, kind: WriteKind): Take;
  /** In this isolate: the user. */
  writeBy(user: string, kind: WriteKind): Take;
  /** Everywhere: the hierarchical bucket. At once while the leases last, by a call to Redis otherwise. */
  bid(user: string, ip: string, auctionId: string): Verdict | Promise<Verdict>;
  create(user: string, ip: string): Verdict | Promise<Verdict>;
  manage(user: string, ip: string): Verdict | Promise<Verdict>;
}

export interface LimiterDeps {
  policies: Policies;
  leases: Leases;
  /** Undefined without Redis: the local buckets are then all there is. */
  global: GlobalBucket | undefined;
  now(): number;
}

export function createLimiter(deps: LimiterDeps): Limiter {
  const { policies, leases, global, now } = deps;
  const localOf = (kind: WriteKind): { ip: LocalBuckets; user: LocalBuckets } => ({
    ip: createLocalBuckets(policies[kind].ip),
    user: createLocalBuckets(policies[kind].user),
  });
  const local = { bid: localOf("bid"), create: localOf("create"), manage: localOf("manage") };
  const reads = createLocalBuckets(policies.read.ip);

  const admit = (uses: BucketUse[]): Verdict | Promise<Verdict> => {
    if (global === undefined || leases.takeLocally(uses, now()) || global.isOpen()) return ALLOWED;
    return leases.take(uses, now(), global.draw);
  };

  const seldom = (kind: "create" | "manage", user: string, ip: string): Verdict | Promise<Verdict> =>
    admit([
      { kind: "user", key: `lc:rate:${kind}:user:${user}`, policy: policies[kind].user },
      { kind: "ip", key: `lc:rate:${kind}:ip:${ip}`, policy: policies[kind].ip },
    ]);

  return {
    policies,
    read: (ip) => reads.take(ip, now()),
    writeFrom: (ip, kind) => local[kind].ip.take(ip, now()),
    writeBy: (user, kind) => local[kind].user.take(user, now()),
    bid: (user, ip, auctionId) =>
      admit([
        { kind: "user", key: `lc:rate:bid:user:${user}`, policy: policies.bid.user },
        { kind: "ip", key: `lc:rate:bid:ip:${ip}`, policy: policies.bid.ip },
        { kind: "auction", key: `lc:rate:bid:auction:${auctionId}`, policy: policies.bid.auction },
      ]),
    create: (user, ip) => seldom("create", user, ip),
    manage: (user, ip) => seldom("manage", user, ip),
  };
}

let shared: { key: string; limiter: Limiter } | undefined;

/** The isolate's limiter: plain data and short calls, so requests and Durable Objects of one isolate may share it. */
export function limiterFor(env: Env): Limiter {
  const key = `${env.RATE_LIMITS ?? ""}|${env.UPSTASH_REDIS_REST_URL ?? ""}`;
  if (shared?.key === key) return shared.limiter;
  const limiter = createLimiter({
    policies: policiesFrom(env.RATE_LIMITS),
    leases: createLeases(),
    global: globalBucketFor(env),
    now: () => Date.now(),
  });
  shared = { key, limiter };
  return limiter;
}

function globalBucketFor(env: Env): GlobalBucket | undefined {
  const redis = redisFor(env, 4 * DRAW_DEADLINE_MS);
  if (redis === undefined) return undefined;
  return createGlobalBucket({
    run: (script, keys, args) => redis.eval<number[], number[]>(script, keys, args),
    now: () => Date.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    fellBack: (why) => count(`rate_limit_fallback_${why}`),
  });
}
