import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { MissingServerError } from "./binary.ts";
import { dockerAnswers, natsContainer, redisContainer, startContainers } from "./containers.ts";
import { startCore } from "./core.ts";
import { claimDataFolder } from "./data-folder.ts";
import { requireEdgePort, startEdge } from "./edge.ts";
import type { ManagedPart } from "./managed-part.ts";
import { startNats } from "./nats.ts";
import { startPostgres } from "./postgres.ts";
import { startRedis, startUpstash } from "./redis.ts";
import { keptSecret } from "./secrets.ts";
import type {
  CorePart,
  RunningStack,
  ServerPart,
  Servers,
  StackContext,
  StackInfo,
  StackOptions,
} from "./stack-types.ts";

const DEFAULT_SHARDS = 2;

/**
 * Starts a whole Lastcall on this machine: Postgres, NATS, Redis and its HTTP front, cores, edge. Resolves once all of
 * it serves. When a part does not start, those that did are stopped again and the error names the part.
 */
export async function startStack(options: StackOptions, signal?: AbortSignal): Promise<RunningStack> {
  const data = path.resolve(options.data);
  if (options.serversOnly !== true) await requireEdgePort(options.edgePort);
  mkdirSync(data, { recursive: true });
  const report = options.report ?? (() => {});
  const claimed = await claimDataFolder(data, report);
  const started = new StartedParts();
  const context: StackContext = { options, data, report, signal, changed: () => stack?.write() };
  let stack: Stack | undefined;
  try {
    const servers = await startServers(context, started);
    report("starting the Redis front");
    const token = keptSecret(data, "upstash-token");
    const upstash = await startUpstash(context, { redisUrl: servers.redis.url, token });
    started.add(upstash, 1);
    stack = new Stack(context, { ...servers, upstash, started, release: () => claimed.release() });
    if (options.serversOnly !== true) await startProcesses(stack, options);
    stack.write();
    return stack;
  } catch (error) {
    await started.stop();
    claimed.release();
    throw error;
  }
}

async function startServers(context: StackContext, started: StartedParts): Promise<Servers> {
  const shards = context.options.shards ?? DEFAULT_SHARDS;
  const password = keptSecret(context.data, "postgres-password");
  const keep = <T extends ManagedPart>(part: T): T => started.add(part, 0);
  if (context.options.backend === "containers") return startContainers(context, { shards, password, keep });
  context.report("starting Postgres, NATS and Redis");
  const settled = await Promise.allSettled([
    startPostgres(context, shards, password).then((parts) => parts.map(keep)),
    orContainer(startNats(context), () => natsContainer(context)).then(keep),
    orContainer(startRedis(context), redisContainer).then(keep),
  ]);
  const failed = settled.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  const [postgres, nats, redis] = settled.map((result) =>
    result.status === "fulfilled" ? result.value : undefined,
  );
  return { postgres: postgres as ServerPart[], nats: nats as ServerPart, redis: redis as ServerPart };
}

/** The last resort for a server that can be neither found nor fetched. */
async function orContainer(
  start: Promise<ServerPart>,
  container: () => Promise<ServerPart>,
): Promise<ServerPart> {
  try {
    return await start;
  } catch (error) {
    if (error instanceof MissingServerError && (await dockerAnswers())) return container();
    throw error;
  }
}

async function startProcesses(stack: Stack, options: StackOptions): Promise<void> {
  // The first one migrates the shards; the others then find them ready.
  await stack.startCore();
  const more = Array.from({ length: (options.cores ?? 1) - 1 }, () => stack.startCore());
  await Promise.all([stack.startEdge(), ...more]);
}

/** What has been started, in layers; the highest layer stops first. */
class StartedParts {
  readonly #layers: ManagedPart[][] = [];

  add<T extends ManagedPart>(part: T, layer: number): T {
    (this.#layers[layer] ??= []).push(part);
    return part;
  }

  async stop(): Promise<void> {
    for (const layer of [...this.#layers].reverse())
      await Promise.all((layer ?? []).map((part) => part.stop()));
  }
}

interface Contents extends Servers {
  readonly upstash: RunningStack["upstash"];
  readonly started: StartedParts;
  readonly release: () => void;
}

const CORE_LAYER = 2;
const EDGE_LAYER = 3;

class Stack implements RunningStack {
  readonly data: string;
  readonly postgres: readonly ServerPart[];
  readonly nats: ServerPart;
  readonly redis: ServerPart;
  readonly upstash: RunningStack["upstash"];
  readonly core: CorePart[] = [];
  edge: ServerPart | undefined;
  readonly #context: StackContext;
  readonly #contents: Contents;
  #coresStarted = 0;
  #stopped: Promise<void> | undefined;

  constructor(context: StackContext, contents: Contents) {
    this.data = context.data;
    this.postgres = contents.postgres;
    this.nats = contents.nats;
    this.redis = contents.redis;
    this.upstash = contents.upstash;
    this.#context = context;
    this.#contents = contents;
  }

  get info(): StackInfo {
    const pid = (part: ManagedPart): number | null => part.pid;
    return {
      edge: this.edge?.url ?? null,
      metrics: this.core.find((part) => part.pid !== null)?.metrics ?? null,
      nats: this.nats.url,
      redis: this.redis.url,
      upstash: { url: this.upstash.url, token: this.upstash.token },
      shards: this.postgres.map((part) => part.url),
      cores: this.core.map((part) => ({ instance: part.instance, pid: part.pid, metrics: part.metrics })),
      pids: {
        edge: this.edge?.pid ?? null,
        core: this.core.map(pid),
        nats: this.nats.pid,
        redis: this.redis.pid,
        postgres: this.postgres.map(pid),
      },
    };
  }

  async startCore(): Promise<CorePart> {
    this.#context.report(`starting core ${this.#coresStarted + 1}`);
    const addresses = { shards: this.info.shards, nats: this.nats.url, redis: this.redis.url };
    const part = await startCore(this.#context, this.#coresStarted++, addresses);
    this.core.push(this.#contents.started.add(part, CORE_LAYER));
    this.write();
    return part;
  }

  async startEdge(): Promise<void> {
    this.#context.report("starting the edge");
    const part = await startEdge(this.#context, { nats: this.nats.url, upstash: this.info.upstash });
    this.edge = this.#contents.started.add(part, EDGE_LAYER);
  }

  stop(): Promise<void> {
    return (this.#stopped ??= this.#stop());
  }

  /** Keeps stack.json true; replaced in one step, so that a reader never sees half of it. */
  write(): void {
    if (this.#stopped !== undefined) return;
    const file = path.join(this.data, "stack.json");
    writeFileSync(`${file}.next`, `${JSON.stringify(this.info, null, 2)}\n`, { mode: 0o600 });
    renameSync(`${file}.next`, file);
  }

  async #stop(): Promise<void> {
    await this.#contents.started.stop();
    rmSync(path.join(this.data, "stack.json"), { force: true });
    this.#contents.release();
  }
}
