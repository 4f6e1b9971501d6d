import type { JetStreamClient } from "@nats-io/jetstream";
import { orderSubject } from "../../shared/subjects.ts";
import type { Clock } from "../clock.ts";
import { type Log, withoutRepeats } from "../log.ts";
import type { WaitingEvent } from "../shards/outbox.ts";
import type { Store } from "../shards/store.ts";
import type { CoreMetrics } from "../telemetry.ts";
import { startLoop } from "./wakeful-loop.ts";

export interface DispatcherDeps {
  readonly js: Pick<JetStreamClient, "publish">;
  readonly stores: readonly Pick<Store, "number" | "waitingEvents" | "forgetEvents">[];
  readonly clock: Clock;
  /** The slots of a shard that this instance sequences now: nobody else dispatches theirs. */
  readonly slotsOf: (shard: Pick<Store, "number">) => readonly number[];
  /** Events have left: there may be webhooks to deliver. */
  readonly onLeft?: () => void;
  readonly metrics: CoreMetrics;
  readonly log: Log;
}

/** Takes order events out of the outboxes and hands them to NATS. */
export interface Dispatcher {
  /** Events were committed: they need not wait for the next look. */
  wake(): void;
  stop(): Promise<void>;
}

/** How often the outboxes are looked at without a reason: a predecessor may have left something. */
const LOOK_EVERY_MS = 1_000;
/** Events taken out at once: their auctions share fsyncs, and a restart repeats few. */
const BATCH = 256;
const LOG_EVERY_MS = 1_000;

/**
 * At least once, in order within an auction: the next event of an auction is published when the stream has the one before;
 * auctions do not wait for each other. An event's id is its message's id, so that what is published again is stored once.
 */
export function startDispatcher(deps: DispatcherDeps): Dispatcher {
  const log = withoutRepeats(deps.log, LOG_EVERY_MS);
  const loops = deps.stores.map((store) =>
    startLoop(deps.clock, LOOK_EVERY_MS, async () => dispatch({ ...deps, log }, store)),
  );
  return {
    wake() {
      for (const loop of loops) loop.wake();
    },
    async stop() {
      await Promise.all(loops.map((loop) => loop.stop()));
    },
  };
}

/** Whether there may be more right now. Never rejects: what could not leave is tried again with the next look. */
async function dispatch(deps: DispatcherDeps, store: DispatcherDeps["stores"][number]): Promise<boolean> {
  const slots = deps.slotsOf(store);
  if (slots.length === 0) return false;
  try {
    const events = await store.waitingEvents(slots, BATCH);
    if (events.length === 0) return false;
    const auctions = Map.groupBy(events, (event) => event.auctionId);
    const left = await Promise.all(Array.from(auctions.values(), (mine) => publishInOrder(deps, mine)));
    const eventIds = left.flat();
    if (eventIds.length > 0) {
      await store.forgetEvents(eventIds);
      deps.onLeft?.();
    }
    deps.metrics.dispatchedEvents.add(eventIds.length);
    return eventIds.length === BATCH;
  } catch (error) {
    deps.log.warn("order events wait in the outbox", { shard: store.number, error });
    return false;
  }
}

/** The ids of those that the stream has; what comes after a failure stays behind it. */
async function publishInOrder(
  { js, log }: DispatcherDeps,
  events: readonly WaitingEvent[],
): Promise<string[]> {
  const published: string[] = [];
  try {
    for (const { slot, auctionId, payload, eventId } of events) {
      await js.publish(orderSubject(slot, auctionId), payload, { msgID: eventId });
      published.push(eventId);
    }
  } catch (error) {
    log.warn("order events wait in the outbox", { auctionId: events[0]?.auctionId, error });
  }
  return published;
}
