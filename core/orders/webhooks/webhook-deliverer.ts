import { type Log, withoutRepeats } from "../../log.ts";
import type { Shard } from "../../shards/connect.ts";
import { waitingDeliveries } from "../../shards/webhook-backlog.ts";
import {
  deliveryKey,
  type DueDelivery,
  dueDeliveries,
  type SettledDelivery,
} from "../../shards/webhook-deliveries.ts";
import type { Lane } from "../../shards/webhook-lanes.ts";
import { createEndpointRooms, MOST_PER_ENDPOINT } from "./endpoint-rooms.ts";
import { createWebhookPoster } from "./post-webhook.ts";
import { startLoop } from "../wakeful-loop.ts";
import { type AttemptDeps, attemptDelivery } from "./webhook-attempt.ts";
import { startSettler, type WebhookSettler } from "./webhook-settler.ts";

export interface DelivererDeps extends Omit<AttemptDeps, "poster"> {
  readonly shards: readonly Shard[];
  /** The slots of a shard that this instance sequences now: nobody else delivers theirs. */
  readonly slotsOf: (shard: Pick<Shard, "number">) => readonly number[];
}

/** Sends order events to webhook endpoints. */
export interface WebhookDeliverer {
  /** There are new deliveries: they need not wait for the next look. */
  wake(): void;
  /** Sends nothing more; gives what is on its way a little time. What stays open is sent again by the next owner. */
  stop(): Promise<void>;
}

/** How often a shard is asked for what is due without a reason: retries become due, a predecessor may have left something. */
const LOOK_EVERY_MS = 1_000;

/** Requests at once to all endpoints: sockets and memory, and more endpoints than will ever hang together. */
const MOST_AT_ONCE = 256;

/** Requests that are answered at all are answered within this, mostly. */
const STOP_GRACE_MS = 2_000;

/** Longer than a shard waits for a lock. What is not noted by then is sent again. */
const NOTE_GRACE_MS = 5_000;

/** Counting reads every waiting row. */
const MEASURE_EVERY_MS = 10_000;

const LOG_EVERY_MS = 1_000;

/**
 * At least once, and in order within (endpoint, auction): an auction's next event is sent when the endpoint has the one
 * before or that one was given up. Everything that must survive is in the rows; what is kept here only says what is on its
 * way now and which endpoints answer.
 */
export function startWebhookDeliverer(given: DelivererDeps): WebhookDeliverer {
  const poster = createWebhookPoster();
  const deps = { ...given, poster, log: withoutRepeats(given.log, LOG_EVERY_MS) };
  const { clock, retry, log } = deps;
  const rooms = createEndpointRooms(retry.firstBackoffMs);
  /** By lane, until what came of it is noted. */
  const onTheWay = new Map<string, DueDelivery>();
  const aborter = new AbortController();
  const running = new Set<Promise<void>>();
  let stopping = false;

  const settled = (batch: readonly SettledDelivery[]): void => {
    for (const one of batch) onTheWay.delete(laneKey(one));
    wake();
  };
  const run = async (due: DueDelivery, settler: WebhookSettler): Promise<void> => {
    const result = await attemptDelivery(deps, due, aborter.signal);
    const succeeded = result?.outcome === "delivered";
    rooms.leave(due.endpointId, result && { succeeded, nowMs: clock.now() });
    if (result) settler.settle(result);
    else onTheWay.delete(laneKey(due));
  };
  const start = (due: DueDelivery, settler: WebhookSettler): void => {
    if (stopping || onTheWay.has(laneKey(due)) || !rooms.enter(due.endpointId, clock.now())) return;
    onTheWay.set(laneKey(due), due);
    const done = run(due, settler).finally(() => running.delete(done));
    running.add(done);
  };
  /** Whether there may be more that has room. */
  const look = async (shard: Shard, settler: WebhookSettler): Promise<boolean> => {
    const slots = deps.slotsOf(shard);
    const limit = MOST_AT_ONCE - onTheWay.size;
    if (slots.length === 0 || limit <= 0) return false;
    try {
      const nowMs = clock.now();
      const busy = Array.from(onTheWay.values(), deliveryKey);
      const ask = { slots, nowMs, each: MOST_PER_ENDPOINT, rooms: rooms.fewer(nowMs), busy, limit };
      for (const one of await dueDeliveries(shard, ask)) start(one, settler);
    } catch (error) {
      log.warn("webhooks wait", { shard: shard.number, error });
    }
    return false;
  };

  const perShard = deps.shards.map((shard) => {
    const settler = startSettler({ shard, clock, log, onSettled: settled });
    return { settler, loop: startLoop(clock, LOOK_EVERY_MS, () => look(shard, settler)) };
  });
  const wake = (): void => {
    for (const { loop } of perShard) loop.wake();
  };
  const measuring = deps.shards.map((shard) =>
    startLoop(clock, MEASURE_EVERY_MS, () => measure(deps, shard)),
  );

  return {
    wake,
    async stop() {
      stopping = true;
      await Promise.all([...measuring, ...perShard.map(({ loop }) => loop)].map((loop) => loop.stop()));
      await Promise.race([Promise.all(running), clock.sleep(STOP_GRACE_MS)]);
      aborter.abort();
      await Promise.all(running);
      poster.close();
      const noted = Promise.all(perShard.map(({ settler }) => settler.stop()));
      await Promise.race([noted, clock.sleep(NOTE_GRACE_MS)]);
    },
  };
}

const laneKey = ({ endpointId, auctionId }: Lane): string => `${endpointId} ${auctionId}`;

async function measure(
  { slotsOf, metrics, log }: DelivererDeps & { log: Log },
  shard: Shard,
): Promise<boolean> {
  try {
    const { waiting, oldestMs } = await waitingDeliveries(shard, slotsOf(shard));
    metrics.webhookWaiting.record(waiting, { shard: shard.number });
    metrics.webhookOldest.record(oldestMs / 1_000, { shard: shard.number });
  } catch (error) {
    log.warn("waiting webhooks could not be counted", { shard: shard.number, error });
  }
  return false;
}
