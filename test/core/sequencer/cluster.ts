import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { createNoopMeter } from "@opentelemetry/api";
import { connect, headers, type NatsConnection } from "nats";
import { createBus } from "../../../core/bus.ts";
import { systemClock } from "../../../core/clock.ts";
import { createLog } from "../../../core/log.ts";
import { announce } from "../../../core/sequencer/results/announce.ts";
import { type Instance, type InstanceDeps, startInstance } from "../../../core/sequencer/instance.ts";
import { createJetStreamLog } from "../../../core/sequencer/log/jetstream-log.ts";
import { createPublisher } from "../../../core/sequencer/results/publisher.ts";
import { createCatchUp } from "../../../core/sequencer/results/catch-up.ts";
import { ensureStreams } from "../../../core/sequencer/log/streams.ts";
import { connectShard, type Shard } from "../../../core/shards/connect.ts";
import { migrateShards } from "../../../core/shards/migrate.ts";
import { createStore } from "../../../core/shards/store.ts";
import { createCoreMetrics } from "../../../core/telemetry/core-metrics.ts";
import { startStack } from "../../../infra/local/stack.ts";
import type { Command } from "../../../shared/commands.ts";
import { type Result, resultSchema } from "../../../shared/results.ts";
import { slotOf } from "../../../shared/slots.ts";
import { commandSubject } from "../../../shared/subjects.ts";
import { WIRE_VERSION } from "../../../shared/wire-version.ts";

export const SLOTS = 8;
const STREAMS = 2;

/** Real servers with the sequencer running inside the test's own process, where it can be crashed at will. */
export interface SequencerCluster {
  readonly shards: readonly Shard[];
  readonly nc: NatsConnection;
  /** Every result that was published, in order of arrival. */
  readonly results: Result[];
  readonly logged: string[];
  startInstance(instanceId: string, options?: InstanceOptions): Promise<Instance>;
  /** One envelope; resolves when the stream has it. `raw` replaces the envelope's JSON. */
  append(
    auctionId: string,
    commands: readonly unknown[],
    options?: { id?: string; raw?: string },
  ): Promise<number>;
  /** The first result that fits, arrived or still to come. */
  result(fits: (result: Result) => boolean): Promise<Result>;
  home(auctionId: string): Shard;
  close(): Promise<void>;
}

export type InstanceOptions = Partial<Pick<InstanceDeps, "cacheBytes" | "keyLimits">>;

export async function startSequencerCluster(): Promise<SequencerCluster> {
  const data = await mkdtemp(path.join(tmpdir(), "lastcall-sequencer-"));
  const stack = await startStack({ data, serversOnly: true, throwaway: true });
  await migrateShards(stack.info.shards, { slots: SLOTS });
  const shards = stack.info.shards.map(connectShard);
  const nc = await connect({ servers: stack.info.nats });
  const [js, jsm] = [jetstream(nc), await jetstreamManager(nc)];
  await ensureStreams(jsm, { slots: SLOTS, streams: STREAMS, replicas: 1, streamMaxBytes: 1_073_741_824 });
  const results: Result[] = [];
  nc.subscribe("results.>", {
    callback: (_, message) => void results.push(resultSchema.parse(message.json())),
  });
  const logged: string[] = [];
  const log = createLog({}, (line) => logged.push(line));
  const metrics = createCoreMetrics(createNoopMeter());
  const [bus, clock] = [createBus(nc), systemClock];
  const publisher = createPublisher({ bus, metrics });
  const catchUp = createCatchUp({ publisher, clock, log });
  const running: Instance[] = [];

  return {
    shards,
    nc,
    results,
    logged,
    async startInstance(instanceId, options = {}) {
      const instance = startInstance({
        instanceId,
        bus,
        commands: createJetStreamLog({ js, jsm }),
        stores: shards.map(createStore),
        clock,
        streams: STREAMS,
        cacheBytes: 64 * 1_048_576,
        metrics,
        log,
        ...options,
        onClaimed: (slot) => catchUp.start(slot),
        onCommitted: (slot, batch) =>
          announce(
            {
              publisher,
              catchUp,
              clock,
              metrics,
              log,
              recordSpan: () => "",
              project: () => {},
              wakeDispatcher: () => {},
            },
            slot,
            batch,
          ),
      });
      running.push(instance);
      await until(() => instance.ready);
      return instance;
    },
    async append(auctionId, commands, { id = crypto.randomUUID(), raw } = {}) {
      const head = headers();
      head.set("Nats-Msg-Id", id);
      const payload = raw ?? JSON.stringify({ v: WIRE_VERSION, id, origin: "test", commands });
      const ack = await js.publish(commandSubject(slotOf(auctionId, SLOTS), auctionId), payload, {
        headers: head,
      });
      return ack.seq;
    },
    async result(fits) {
      await until(() => results.some(fits));
      return results.find(fits) as Result;
    },
    home: (auctionId) => shards[slotOf(auctionId, SLOTS) % shards.length] as Shard,
    async close() {
      await Promise.all(running.map((instance) => instance.stop()));
      await nc.close();
      await Promise.all(shards.map(({ sql }) => sql.end({ timeout: 1 })));
      await stack.stop();
      await rm(data, { recursive: true, force: true });
    },
  };
}

const PATIENCE_MS = 15_000;

/** Waits until it is so; the test's own patience, not a bar. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadlineMs = Date.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (Date.now() > deadlineMs) throw new Error(`not within ${PATIENCE_MS} ms: ${String(isSo)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export const bidCommand = (bidderId: string, key: string, amount: number): Command => ({
  type: "bid",
  bidderId,
  key,
  body: { amount },
});
