import { existsSync, readFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { DEV_AUDIENCE, DEV_ISSUER, devJwks } from "./dev-key.ts";
import { edgeBundle } from "./edge-bundle.ts";
import { freePort, isPortFree, until } from "./free-port.ts";
import { startPart } from "./managed-part.ts";
import { withUrl } from "./server-part.ts";
import type { ServerPart, StackContext } from "./stack-types.ts";

export const DEFAULT_EDGE_PORT = 8787;

export interface EdgeAddresses {
  readonly nats: string;
  readonly upstash: { readonly url: string; readonly token: string };
}

/** The Worker in workerd, under a small process that sets it up with miniflare and ends with it. */
export async function startEdge(context: StackContext, addresses: EdgeAddresses): Promise<ServerPart> {
  const { data, options } = context;
  const wanted = options.edgePort ?? DEFAULT_EDGE_PORT;
  const port = wanted === 0 ? await freePort() : wanted;
  const bundle = await edgeBundle(context.report, context.signal);
  const run = path.join(data, "run");
  const pidFile = path.join(run, "workerd");
  const settings = path.join(run, "edge.json");
  const url = `http://127.0.0.1:${port}`;
  const persist = path.join(data, "durable-objects");
  await mkdir(persist, { recursive: true });
  const bindings = await bindingsFor(context, addresses);
  await writeFile(
    settings,
    JSON.stringify({ bundle, port, persist, bindings, pidFile, recordFile: path.join(run, "workerd.pid") }),
    { mode: 0o600 },
  );
  const part = await startPart(context, {
    name: "edge",
    file: process.execPath,
    args: [fileURLToPath(new URL("edge-host.ts", import.meta.url)), settings],
    env: { MINIFLARE_WORKERD_PATH: await runtimeScript(run, pidFile) },
    stopSignal: "SIGTERM",
    ready: (line, signal) => line.then(() => until(() => answers(url), signal)),
    pid: () => (existsSync(pidFile) ? Number(readFileSync(pidFile, "utf8")) : null),
  });
  return withUrl(part, url);
}

/** Fails early, and by name, when the port that was asked for is another program's. */
export async function requireEdgePort(port: number = DEFAULT_EDGE_PORT): Promise<void> {
  if (port === 0 || (await isPortFree(port))) return;
  throw new Error(
    `port ${port} is taken by another program. Set EDGE_PORT to a free one, for example EDGE_PORT=${port + 1}.`,
  );
}

/**
 * Starts workerd itself, and leaves its pid: it is the process whose death is the edge's death. Miniflare would start it
 * again by itself; whether what died comes back is the stack's decision, so a second start is refused.
 */
async function runtimeScript(run: string, pidFile: string): Promise<string> {
  // Its main module is the path of the binary; it has no types.
  const workerd: string = createRequire(import.meta.url)("workerd").default;
  const file = path.join(run, "workerd.sh");
  await rm(file, { force: true });
  await writeFile(file, `#!/bin/sh\nset -C\necho $$ >"${pidFile}" || exit 1\nexec "${workerd}" "$@"\n`, {
    mode: 0o755,
  });
  return file;
}

async function bindingsFor(context: StackContext, addresses: EdgeAddresses): Promise<Record<string, string>> {
  const { rateLimits, edgeEnv } = context.options;
  return {
    NATS_URL: addresses.nats,
    UPSTASH_REDIS_REST_URL: addresses.upstash.url,
    UPSTASH_REDIS_REST_TOKEN: addresses.upstash.token,
    AUTH_JWKS: await devJwks(context.data),
    AUTH_ISSUER: DEV_ISSUER,
    AUTH_AUDIENCE: DEV_AUDIENCE,
    REGION: "local",
    ...fromEnvironment([
      "LASTCALL_SLOTS",
      "LASTCALL_STREAMS",
      "OTEL_EXPORTER_OTLP_ENDPOINT",
      "TRACE_SAMPLE_RATIO",
      "RATE_LIMITS",
    ]),
    ...(rateLimits === undefined || rateLimits === null ? {} : { RATE_LIMITS: JSON.stringify(rateLimits) }),
    ...edgeEnv,
  };
}

function fromEnvironment(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}

/** Any answer but a failure will do: the Worker ran, and could read its bindings. */
async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/v1/`, { signal: AbortSignal.timeout(2_000) });
    await response.arrayBuffer();
    return response.status < 500;
  } catch {
    return false; // Not listening yet; the caller asks again until its deadline.
  }
}
