import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { findNats } from "./find-nats.ts";
import { freePort, until } from "./free-port.ts";
import { startPart } from "./managed-part.ts";
import { natsConfig } from "./nats-config.ts";
import { externalPart, withUrl } from "./server-part.ts";
import type { ServerPart, StackContext } from "./stack-types.ts";

export async function startNats(context: StackContext): Promise<ServerPart> {
  const server = await findNats(context.report, context.signal);
  if ("url" in server) return externalPart("nats", server.url);
  const [port, monitor] = [await freePort(), await freePort()];
  const store = path.join(context.data, "nats");
  await mkdir(store, { recursive: true });
  const file = path.join(context.data, "nats.conf");
  const places = { listen: `127.0.0.1:${port}`, http: `127.0.0.1:${monitor}`, store };
  await writeFile(file, natsConfig(places, context.options));
  const part = await startPart(context, {
    name: "nats",
    file: server.binary,
    args: ["--config", file],
    stopSignal: "SIGTERM",
    ready: (_, signal) => until(() => isHealthy(`http://127.0.0.1:${monitor}/healthz`), signal),
  });
  return withUrl(part, `nats://127.0.0.1:${port}`);
}

/** 200 once JetStream has recovered its streams. */
export async function isHealthy(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1_000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false; // Not listening yet; the caller asks again until its deadline.
  }
}
