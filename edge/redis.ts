import { Redis } from "@upstash/redis/cloudflare";
import type { Env } from "./env.ts";

/**
 * A client for Redis over HTTP, or undefined where there is none. It never retries and gives up after `giveUpMs`:
 * whoever asks has a deadline of its own, and something else to fall back on.
 */
export function redisFor(env: Env, giveUpMs: number): Redis | undefined {
  if (!env.UPSTASH_REDIS_REST_URL || !env.UPSTASH_REDIS_REST_TOKEN) return undefined;
  return new Redis({
    url: env.UPSTASH_REDIS_REST_URL,
    token: env.UPSTASH_REDIS_REST_TOKEN,
    retry: false,
    enableTelemetry: false,
    readYourWrites: false,
    signal: () => AbortSignal.timeout(giveUpMs),
  });
}
