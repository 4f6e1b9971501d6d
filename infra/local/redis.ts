import { mkdir } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { findRedis } from "./find-redis.ts";
import { accepts, freePort, until } from "./free-port.ts";
import { startPart } from "./managed-part.ts";
import { isHealthy } from "./nats.ts";
import { externalPart, withUrl } from "./server-part.ts";
import type { ServerPart, StackContext } from "./stack-types.ts";

/** Nothing is saved: Redis is never the truth, and a snapshot from before a crash would only be an old cache. */
export async function startRedis(context: StackContext): Promise<ServerPart> {
  const server = await findRedis(context.report, context.signal);
  if ("url" in server) return externalPart("redis", server.url);
  const port = await freePort();
  const folder = path.join(context.data, "redis");
  await mkdir(folder, { recursive: true });
  const part = await startPart(context, {
    name: "redis",
    file: server.binary,
    args: [
      "--port",
      String(port),
      "--bind",
      "127.0.0.1",
      "--dir",
      folder,
      "--save",
      "",
      "--appendonly",
      "no",
    ],
    stopSignal: "SIGTERM",
    ready: (_, signal) => until(() => accepts(port), signal),
  });
  return withUrl(part, `redis://127.0.0.1:${port}`);
}

/** The HTTP face that Workers speak to Redis through, in Upstash's dialect. */
export async function startUpstash(
  context: StackContext,
  options: { redisUrl: string; token: string },
): Promise<ServerPart & { token: string }> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const part = await startPart(context, {
    name: "upstash",
    file: process.execPath,
    args: [fileURLToPath(new URL("upstash-host.ts", import.meta.url))],
    env: { PORT: String(port), REDIS_URL: options.redisUrl, UPSTASH_TOKEN: options.token },
    stopSignal: "SIGTERM",
    ready: (line, signal) => line.then(() => until(() => isHealthy(`${url}/healthz`), signal)),
  });
  const server = withUrl(part, url);
  return Object.defineProperty(server, "token", { value: options.token }) as ServerPart & { token: string };
}
