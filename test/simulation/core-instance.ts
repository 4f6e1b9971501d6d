import { createNoopMeter } from "@opentelemetry/api";
import { createLog } from "../../core/log.ts";
import { startDispatcher } from "../../core/orders/dispatcher.ts";
import { announce } from "../../core/sequencer/results/announce.ts";
import { type Instance, startInstance } from "../../core/sequencer/instance.ts";
import { createPublisher } from "../../core/sequencer/results/publisher.ts";
import { createCatchUp } from "../../core/sequencer/results/catch-up.ts";
import { startTicker } from "../../core/sequencer/ticker.ts";
import type { CommandLog } from "../../core/sequencer/log/command-log.ts";
import type { Store } from "../../core/shards/store.ts";
import { createCoreMetrics } from "../../core/telemetry/core-metrics.ts";
import type { BrokerClient } from "./broker-client.ts";
import type { Process } from "./process.ts";
import type { World } from "./world.ts";

export interface CoreDeps {
  readonly world: World;
  readonly process: Process;
  readonly client: BrokerClient;
  readonly commands: CommandLog;
  readonly stores: readonly Store[];
  readonly streams: number;
  readonly cacheBytes: number;
}

export interface SimulatedCore {
  readonly process: Process;
  readonly instance: Instance;
}

interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly slot?: number;
  readonly reason?: string;
  readonly error?: { readonly message: string };
}

/** A core as `core/main.ts` composes it, on ports of the simulation. */
export function startCore(deps: CoreDeps): SimulatedCore {
  const { world, process, client, stores } = deps;
  const { clock } = process;
  const metrics = createCoreMetrics(createNoopMeter());
  const log = createLog({}, (line) => {
    const { level, msg, slot, reason, error } = JSON.parse(line) as LogLine;
    if (level === "info") return;
    const why = reason ?? error?.message ?? "";
    world.tell([`${process.name}:`, msg, slot === undefined ? "" : `(slot ${slot})`, why].join(" "));
  });
  const publisher = createPublisher({ bus: client.bus, metrics });
  const catchUp = createCatchUp({ publisher, clock, log });
  let instance: Instance | undefined;
  const dispatcher = startDispatcher({
    js: client.js as unknown as Parameters<typeof startDispatcher>[0]["js"],
    stores,
    clock,
    slotsOf: (store) => instance?.slotsOf(store) ?? [],
    metrics,
    log,
  });
  instance = startInstance({
    instanceId: process.name,
    bus: client.bus,
    commands: deps.commands,
    stores,
    clock,
    streams: deps.streams,
    cacheBytes: deps.cacheBytes,
    metrics,
    log,
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
          wakeDispatcher: () => dispatcher.wake(),
        },
        slot,
        batch,
      ),
  });
  let ids = 0;
  startTicker({
    bus: client.bus,
    stores,
    clock,
    slotsOf: instance.slotsOf,
    newId: () => `${process.name}-${++ids}`,
    metrics,
    log,
  });
  return { process, instance };
}
