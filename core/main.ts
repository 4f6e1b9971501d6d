import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect, nuid, type NatsConnection } from "nats";
import type { AuctionState } from "./auction/auction.ts";
import { createBus } from "./bus.ts";
import { systemClock } from "./clock.ts";
import { type CoreConfig, readConfig } from "./config.ts";
import { createLog, type Log } from "./log.ts";
import { startDispatcher } from "./orders/dispatcher.ts";
import { startWebhookDeliverer } from "./orders/webhooks/webhook-deliverer.ts";
import { systemResolve } from "./orders/webhooks/webhook-target.ts";
import { serveQueries } from "./queries/serve-queries.ts";
import { createProjector } from "./readmodel/projector.ts";
import { announce } from "./sequencer/results/announce.ts";
import { type Instance, startInstance } from "./sequencer/instance.ts";
import { createJetStreamLog } from "./sequencer/log/jetstream-log.ts";
import { createPublisher } from "./sequencer/results/publisher.ts";
import { createCatchUp } from "./sequencer/results/catch-up.ts";
import { ensureStreams } from "./sequencer/log/streams.ts";
import { startTicker } from "./sequencer/ticker.ts";
import { watchStreams } from "./sequencer/log/watch-streams.ts";
import { connectShard, type Shard } from "./shards/connect.ts";
import { migrateShards } from "./shards/migrate.ts";
import { createPartitions } from "./shards/partitions.ts";
import { createStore } from "./shards/store.ts";
import { createTopology, type Topology } from "./shards/topology.ts";
import { startTelemetry } from "./telemetry.ts";

/**
 * How long JetStream may take to answer. What is asked while the broker is away is never answered: for so long after its
 * return a slot may still wait for that. The client's own limit is 5 s.
 */
const JETSTREAM_TIMEOUT_MS = 1_500;

/** How often the picture of which shard has which slot is renewed, when no hint comes. */
const TOPOLOGY_REFRESH_MS = 2_000;
/** Partitions are made months ahead; any interval below a month would do. */
const PARTITIONS_MS = 3_600_000;

/** Composition root: one core instance, from its environment to SIGTERM. */
async function main(): Promise<void> {
  const config = readConfig(process.env);
  const log = createLog({ instance: config.instanceId });
  let instance: Instance | undefined;
  const telemetry = await startTelemetry({
    instance: config.instanceId,
    metricsPort: config.metricsPort,
    otlpEndpoint: config.otlpEndpoint,
    log,
    health: () => health(instance),
  });
  const { metrics, recordSpan } = telemetry;
  if (config.migrate) await migrateShards(config.shardUrls, { slots: config.slots });
  const nc = await connectNats(config, log);
  await ensureStreams(await jetstreamManager(nc), config);
  const jsm = await jetstreamManager(nc, { timeout: JETSTREAM_TIMEOUT_MS });
  const shards = config.shardUrls.map(connectShard);
  const stores = shards.map(createStore);
  const [bus, clock] = [createBus(nc), systemClock];
  const topology = createTopology(shards, config.slots);
  await topology.refresh();

  const { redisUrl } = config;
  const projector = redisUrl === undefined ? undefined : createProjector({ redisUrl, metrics, log });
  const queries = serveQueries({ nc, shards, topology, metrics, log });
  const publisher = createPublisher({ bus, metrics });
  const catchUp = createCatchUp({ publisher, clock, log });
  const js = jetstream(nc, { timeout: JETSTREAM_TIMEOUT_MS });
  const slotsOf = (shard: Pick<Shard, "number">): readonly number[] => instance?.slotsOf(shard) ?? [];
  const deliverer = startWebhookDeliverer({
    ...config.webhooks,
    shards,
    slotsOf,
    resolve: systemResolve,
    random: Math.random,
    clock,
    metrics,
    log,
  });
  const dispatcher = startDispatcher({
    js,
    stores,
    clock,
    slotsOf,
    onLeft: deliverer.wake,
    metrics,
    log,
  });
  const project = (auction: AuctionState): void => projector?.project(auction);
  const wakeDispatcher = (): void => dispatcher.wake();
  instance = startInstance({
    instanceId: config.instanceId,
    bus,
    commands: createJetStreamLog({ js, jsm }),
    stores,
    clock,
    streams: config.streams,
    cacheBytes: config.cacheBytes,
    metrics,
    log,
    onClaimed: (slot) => catchUp.start(slot),
    onCommitted: (slot, batch) =>
      announce({ publisher, catchUp, clock, metrics, recordSpan, log, project, wakeDispatcher }, slot, batch),
  });
  const ticker = startTicker({
    bus,
    stores,
    clock,
    slotsOf: instance.slotsOf,
    newId: () => nuid.next(),
    metrics,
    log,
  });
  const streamWatch = watchStreams({ jsm, streams: config.streams, clock, metrics, log });
  const chores = startChores({ topology, shards, log });
  process.stdout.write(
    `${JSON.stringify({ ready: true, instance: config.instanceId, metrics: telemetry.url })}\n`,
  );

  await terminated();
  log.info("handing over");
  chores.stop();
  streamWatch.stop();
  // Bids must not wait for receivers of webhooks: the slots are handed over meanwhile.
  const delivered = deliverer.stop();
  await ticker.stop();
  await instance.stop();
  await dispatcher.stop();
  await delivered;
  await queries.close();
  await projector?.close();
  await nc.drain();
  await Promise.all(shards.map(({ sql }) => sql.end({ timeout: 2 })));
  await telemetry.close();
}

const terminated = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve());
  });

function health(instance: Instance | undefined): { ready: boolean; detail: object } {
  const halted = Object.fromEntries(instance?.halted ?? []);
  const ready = instance?.ready === true && Object.keys(halted).length === 0;
  return { ready, detail: { halted, claimed: instance?.ready ?? false } };
}

async function connectNats(config: CoreConfig, log: Log): Promise<NatsConnection> {
  const nc = await connect({
    servers: config.natsUrl.split(","),
    name: config.instanceId,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 200,
    waitOnFirstConnect: true,
  });
  void nc.closed().then((error) => {
    if (error instanceof Error) log.error("the NATS connection is closed for good", { error });
  });
  return nc;
}

function startChores(deps: { topology: Topology; shards: readonly Shard[]; log: Log }): { stop(): void } {
  let refreshing = false;
  const refresh = setInterval(() => {
    // On a shard that hangs the looks would queue for as long as it does.
    if (refreshing) return;
    refreshing = true;
    deps.topology
      .refresh()
      .catch((error: unknown) => deps.log.warn("the topology is not known anew", { error }))
      .finally(() => (refreshing = false));
  }, TOPOLOGY_REFRESH_MS);
  const partitions = setInterval(() => {
    for (const { sql, number } of deps.shards) {
      createPartitions(sql, Date.now()).catch((error: unknown) => {
        deps.log.error("the coming months' partitions could not be made", { shard: number, error });
      });
    }
  }, PARTITIONS_MS);
  return {
    stop() {
      clearInterval(refresh);
      clearInterval(partitions);
    },
  };
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    createLog({}).error("the core could not start", { error });
    process.exit(1);
  },
);
