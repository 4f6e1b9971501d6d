import { hostname } from "node:os";
import * as z from "zod";
import { idSchema } from "../shared/ids.ts";
import { DEFAULT_SLOTS } from "../shared/slots.ts";
import { DEFAULT_STREAMS } from "../shared/subjects.ts";
import { addressPolicy } from "./orders/webhooks/public-address.ts";
import { DEFAULT_STREAM_MAX_BYTES } from "./sequencer/log/streams.ts";

const whole = (min: number, max: number) => z.coerce.number().int().min(min).max(max);

const addressPolicySchema = z.string().superRefine((allowed, context) => {
  try {
    addressPolicy(allowed);
  } catch (error) {
    context.addIssue({ code: "custom", message: error instanceof Error ? error.message : String(error) });
  }
});

/** Everything a core instance is told, from its environment and nowhere else. */
const configSchema = z
  .object({
    LASTCALL_SHARDS: z.string({ error: "comma-separated postgres URLs are required" }).min(1),
    NATS_URL: z.string({ error: "is required, e.g. nats://127.0.0.1:4222" }).min(1),
    REDIS_URL: z.string().min(1).optional(),
    METRICS_PORT: whole(0, 65_535).default(9464),
    LASTCALL_SLOTS: whole(1, 4_096).default(DEFAULT_SLOTS),
    LASTCALL_STREAMS: whole(1, 64).default(DEFAULT_STREAMS),
    LASTCALL_REPLICAS: whole(1, 5).default(1),
    LASTCALL_STREAM_MAX_BYTES: whole(65_536, Number.MAX_SAFE_INTEGER).default(DEFAULT_STREAM_MAX_BYTES),
    LASTCALL_MIGRATE: z.enum(["0", "1"]).default("1"),
    LASTCALL_CACHE_MB: whole(16, 65_536).default(192),
    LASTCALL_WEBHOOK_ALLOW: addressPolicySchema.default(""),
    LASTCALL_WEBHOOK_ATTEMPTS: whole(1, 100).default(12),
    LASTCALL_WEBHOOK_BACKOFF_MS: whole(10, 3_600_000).default(5_000),
    LASTCALL_WEBHOOK_TIMEOUT_MS: whole(100, 60_000).default(15_000),
    INSTANCE_ID: idSchema.optional(),
    OTEL_EXPORTER_OTLP_ENDPOINT: z.string().min(1).optional(),
  })
  .transform((env) => ({
    shardUrls: env.LASTCALL_SHARDS.split(",").map((url) => url.trim()),
    natsUrl: env.NATS_URL,
    redisUrl: env.REDIS_URL,
    metricsPort: env.METRICS_PORT,
    slots: env.LASTCALL_SLOTS,
    streams: env.LASTCALL_STREAMS,
    replicas: env.LASTCALL_REPLICAS,
    streamMaxBytes: env.LASTCALL_STREAM_MAX_BYTES,
    migrate: env.LASTCALL_MIGRATE === "1",
    cacheBytes: env.LASTCALL_CACHE_MB * 1_048_576,
    webhooks: {
      policy: addressPolicy(env.LASTCALL_WEBHOOK_ALLOW),
      retry: { attempts: env.LASTCALL_WEBHOOK_ATTEMPTS, firstBackoffMs: env.LASTCALL_WEBHOOK_BACKOFF_MS },
      timeoutMs: env.LASTCALL_WEBHOOK_TIMEOUT_MS,
    },
    instanceId:
      env.INSTANCE_ID ??
      `${hostname()
        .replace(/[^A-Za-z0-9_-]/g, "-")
        .slice(0, 40)}-${process.pid}-${Date.now().toString(36)}`,
    otlpEndpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT,
  }));

export type CoreConfig = z.infer<typeof configSchema>;

/** Reads the environment; throws an error that names each variable at fault. */
export function readConfig(env: Record<string, string | undefined>): CoreConfig {
  const parsed = configSchema.safeParse(env);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `  ${issue.path.join(".")}: ${issue.message}`);
  throw new Error(`the core's environment is not usable:\n${faults.join("\n")}`);
}
