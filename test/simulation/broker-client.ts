import type { Bus } from "../../core/bus.ts";
import type { CommandFeed, CommandLog, LoggedMessage, LogGap } from "../../core/sequencer/log/command-log.ts";
import { commandStream, RESULTS_STREAM, SLOTS_CHANGED_SUBJECT, streamOf } from "../../shared/subjects.ts";
import { type AsyncQueue, createAsyncQueue } from "./async-queue.ts";
import type { Broker, Stream } from "./broker.ts";
import { request } from "./network.ts";
import type { Process } from "./process.ts";
import type { World } from "./world.ts";

/** What one process sees of the broker. */
export interface BrokerClient {
  readonly commands: CommandLog;
  readonly bus: Bus;
  /** As JetStream's own client: resolves when the stream has the message. */
  readonly js: {
    publish(subject: string, payload: string, options: { msgID: string }): Promise<{ seq: number }>;
  };
}

export interface ClientDeps {
  readonly world: World;
  readonly broker: Broker;
  readonly process: Process;
  readonly streams: number;
}

const encoder = new TextEncoder();

export function createBrokerClient(deps: ClientDeps): BrokerClient {
  const { world, broker, process } = deps;
  const ask = <T>(work: () => T): Promise<T> => request(world, { from: process, to: broker.server }, work);
  return {
    commands: {
      bounds: (stream) => ask(() => broker.bounds(stream)),
      message: (stream, seq) => ask(() => broker.streams.get(stream)?.messages.get(seq) ?? null),
      firstGap: (stream, { afterSeq }) => ask(() => firstGap(broker.streams.get(stream), afterSeq)),
      consume: async (stream, { slot, afterSeq }) => {
        await ask(() => broker.bounds(stream));
        return createFeed(deps, { stream, slot, afterSeq });
      },
    },
    bus: createSimulatedBus(deps),
    js: {
      publish: (subject, payload, { msgID: id }) =>
        ask(() => ({ seq: broker.append("ORDERS", { subject, data: encoder.encode(payload), id }) })),
    },
  };
}

/** The first run of sequences above `afterSeq` whose messages the stream has no longer. */
function firstGap(stream: Stream | undefined, afterSeq: number): LogGap | undefined {
  if (stream === undefined) return undefined;
  const { messages, lastSeq } = stream;
  let fromSeq = afterSeq + 1;
  while (fromSeq <= lastSeq && messages.has(fromSeq)) fromSeq++;
  let toSeq = fromSeq;
  while (toSeq < lastSeq && !messages.has(toSeq + 1)) toSeq++;
  return fromSeq > lastSeq ? undefined : { fromSeq, toSeq };
}

/** A reader is set up again within this time of a broker's restart. */
const RECREATION_MS = 2_000;

/** An ordered consumer: in order, without gaps, and behind its last message after each restart of the broker. */
function createFeed(
  { world, broker, process }: ClientDeps,
  from: { stream: string; slot: number; afterSeq: number },
): CommandFeed {
  const prefix = `commands.${from.slot}.`;
  const messages: AsyncQueue<LoggedMessage> = createAsyncQueue();
  const recreations: AsyncQueue<void> = createAsyncQueue();
  let nextSeq = from.afterSeq + 1;
  let deliveredSeq: number | undefined;
  let connected = true;
  let pumping = false;
  let stopped = false;

  const stream = (): Stream => broker.streams.get(from.stream) as Stream;
  const pending = (): LoggedMessage[] => {
    const found: LoggedMessage[] = [];
    const { messages: stored, lastSeq, firstSeq } = stream();
    for (let seq = Math.max(nextSeq, firstSeq); seq <= lastSeq; seq++) {
      const message = stored.get(seq);
      if (message?.subject.startsWith(prefix) === true) found.push(message);
    }
    return found;
  };
  const pump = (): void => {
    if (pumping || stopped || !connected || !process.isAlive) return;
    pumping = true;
    world.after(world.random.between(0.2, 4), () => {
      pumping = false;
      if (!broker.server.isUp || !connected || stopped) return;
      const found = pending();
      // What one read brings may be all of it, or the first of them.
      const now = found.slice(0, world.random.chance(0.7) ? found.length : 1);
      for (const message of now) {
        nextSeq = message.seq + 1;
        deliveredSeq = message.seq;
        process.deliver(() => messages.push(message));
      }
      if (now.length < found.length) pump();
    });
  };
  const listener = {
    stored: (into: Stream) => {
      if (into.name === from.stream) pump();
    },
    restarted: () => {
      connected = false;
      world.after(world.random.between(10, RECREATION_MS), () => {
        if (stopped || !process.isAlive || !broker.server.isUp) return;
        connected = true;
        process.deliver(() => recreations.push());
        pump();
      });
    },
  };
  broker.listeners.add(listener);
  pump();
  return {
    messages,
    recreations,
    unread: () =>
      request(world, { from: process, to: broker.server }, () => ({
        unread: pending().length,
        deliveredSeq,
      })),
    stop() {
      stopped = true;
      broker.listeners.delete(listener);
      messages.end();
      recreations.end();
    },
  };
}

/** One connection: what it sends arrives in order, or not at all while the broker is down. */
function createSimulatedBus({ world, broker, process, streams }: ClientDeps): Bus {
  let arrivesAtMs = 0;
  let lost = false;
  const send = (arrive: () => void, fail: () => void): void => {
    const { min, max } = broker.server.latencyMs;
    arrivesAtMs = Math.max(arrivesAtMs, world.nowMs + world.random.between(min, max));
    world.after(arrivesAtMs - world.nowMs, () => (broker.server.isUp ? arrive() : fail()));
  };
  return {
    publish(subject, text, id) {
      const stream = streamFor(subject, streams);
      send(
        () => {
          if (stream !== undefined) broker.append(stream, { subject, data: encoder.encode(text), id });
        },
        () => (lost = true),
      );
    },
    flush: () =>
      new Promise((resolve, reject) => {
        const fail = (): void => {
          lost = false;
          process.deliver(() => reject(new Error("the connection broke")));
        };
        send(() => (lost ? fail() : process.deliver(resolve)), fail);
      }),
    // A hint that does not come costs a beat; that is what the simulation always lets it cost.
    subscribe: () => () => {},
  };
}

function streamFor(subject: string, streams: number): string | undefined {
  if (subject === SLOTS_CHANGED_SUBJECT) return undefined;
  const [kind, slot] = subject.split(".");
  return kind === "commands" ? commandStream(streamOf(Number(slot), streams)) : RESULTS_STREAM;
}
