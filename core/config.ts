import { hostname } from "node:os";
import * as z from "zod";
import { idSchema } from "../shared/ids.ts";
import { DEFAULT_SLOTS } from "../shared/slots.ts";
import { DEFAULT_STREAMS } from "../shared/subjects.ts";

const whole = (min: number, max: number) => z.coerce.number().int().min(min).max(max);

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
    LASTCALL_MIGRATE: z.enum(["0", "1"]).default("1"),
    LASTCALL_CACHE_MB: whole(16, 65_536).default(192),
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
    migrate: env.LASTCALL_MIGRATE === "1",
    cacheBytes: env.LASTCALL_CACHE_MB * 1_048_576,
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
