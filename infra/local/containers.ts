import type { ManagedPart } from "./managed-part.ts";
import { natsConfig } from "./nats-config.ts";
import { databaseAnswers, POSTGRES_DATABASE, POSTGRES_USER, SETTINGS } from "./postgres-settings.ts";
import { until } from "./free-port.ts";
import { allOrNone } from "./server-part.ts";
import type { ServerPart, Servers, StackContext } from "./stack-types.ts";

const IMAGES = { nats: "nats:2-alpine", postgres: "postgres:18-alpine", redis: "redis:7-alpine" };

/** Pulling an image on a slow line takes minutes; what has not started by then will not. */
const START_TIMEOUT_MS = 300_000;

/** Postgres's own settings for addresses are the image's business. */
const LEFT_TO_THE_IMAGE = ["listen_addresses", "unix_socket_directories", "shared_buffers"];

/** Whether a Docker engine (or something that speaks like one) can be reached. */
export async function dockerAnswers(): Promise<boolean> {
  const { getContainerRuntimeClient } = await import("testcontainers");
  try {
    await getContainerRuntimeClient();
    return true;
  } catch {
    return false; // No socket, or nobody behind it: the library tries every place it knows and says so by throwing.
  }
}

interface Wanted {
  readonly shards: number;
  readonly password: string;
  readonly keep: <T extends ManagedPart>(part: T) => T;
}

/** The servers in containers. They keep nothing: a stopped stack's data is gone with them. */
export async function startContainers(
  context: StackContext,
  { shards, password, keep }: Wanted,
): Promise<Servers> {
  if (!(await dockerAnswers()))
    throw new Error("No Docker engine answers. Start one, or use the embedded stack.");
  context.report("starting containers");
  const [nats, redis, ...postgres] = await allOrNone([
    natsContainer(context),
    redisContainer(),
    ...Array.from({ length: shards }, (_, shard) => postgresContainer(shard, password)),
  ]);
  if (nats === undefined || redis === undefined) throw new Error("unreachable: both were awaited");
  return { nats: keep(nats), redis: keep(redis), postgres: postgres.map(keep) };
}

export async function natsContainer(context: StackContext): Promise<ServerPart> {
  const { GenericContainer, Wait } = await import("testcontainers");
  const places = { listen: "0.0.0.0:4222", http: "0.0.0.0:8222", store: "/data/jetstream" };
  const container = await new GenericContainer(IMAGES.nats)
    // By the environment rather than by a copy into the container, which not every engine takes before the start.
    .withEnvironment({ NATS_CONFIG: natsConfig(places, context.options) })
    .withCommand([
      "sh",
      "-c",
      'printf "%s" "$NATS_CONFIG" >/tmp/nats.conf && exec nats-server --config /tmp/nats.conf',
    ])
    .withExposedPorts(4222)
    .withWaitStrategy(Wait.forLogMessage(/Server is ready/))
    .withStartupTimeout(START_TIMEOUT_MS)
    .start();
  return containerPart("nats", `nats://${container.getHost()}:${container.getMappedPort(4222)}`, container);
}

export async function redisContainer(): Promise<ServerPart> {
  const { GenericContainer, Wait } = await import("testcontainers");
  const container = await new GenericContainer(IMAGES.redis)
    .withCommand(["redis-server", "--save", "", "--appendonly", "no"])
    .withExposedPorts(6379)
    .withWaitStrategy(Wait.forLogMessage(/Ready to accept connections/))
    .withStartupTimeout(START_TIMEOUT_MS)
    .start();
  return containerPart("redis", `redis://${container.getHost()}:${container.getMappedPort(6379)}`, container);
}

async function postgresContainer(shard: number, password: string): Promise<ServerPart> {
  const { GenericContainer, Wait } = await import("testcontainers");
  const settings = Object.entries(SETTINGS).filter(([name]) => !LEFT_TO_THE_IMAGE.includes(name));
  const container = await new GenericContainer(IMAGES.postgres)
    .withEnvironment({ POSTGRES_USER, POSTGRES_PASSWORD: password, POSTGRES_DB: POSTGRES_DATABASE })
    .withCommand(["postgres", ...settings.flatMap(([name, value]) => ["-c", `${name}=${value}`])])
    .withExposedPorts(5432)
    // Once for the server that initialises the cluster, once for the real one.
    .withWaitStrategy(Wait.forLogMessage(/ready to accept connections/, 2))
    .withStartupTimeout(START_TIMEOUT_MS)
    .start();
  const address = `${container.getHost()}:${container.getMappedPort(5432)}`;
  const url = `postgres://${POSTGRES_USER}:${password}@${address}/${POSTGRES_DATABASE}`;
  await until(() => databaseAnswers(url), AbortSignal.timeout(START_TIMEOUT_MS));
  return containerPart(`postgres-${shard}`, url, container);
}

function containerPart(name: string, url: string, container: { stop(): Promise<unknown> }): ServerPart {
  let stopped: Promise<unknown> | undefined;
  const stop = async (): Promise<void> => {
    await (stopped ??= container.stop());
  };
  const refuse = (): Promise<void> =>
    stopped === undefined
      ? Promise.resolve()
      : Promise.reject(
          new Error(`${name} ran in a container, which is gone; the embedded backend can start again`),
        );
  return { name, url, pid: null, start: refuse, stop, kill: stop };
}
