import type { Envelope } from "../../shared/commands.ts";
import { commandSubject } from "../../shared/subjects.ts";
import { WIRE_VERSION } from "../../shared/wire-version.ts";
import type { Bus } from "../bus.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { Store } from "../shards/store.ts";
import type { CoreMetrics } from "../telemetry.ts";

export interface TickerDeps {
  readonly bus: Bus;
  readonly stores: readonly Store[];
  readonly clock: Clock;
  /** The slots of a shard that this instance sequences now. */
  readonly slotsOf: (shard: Pick<Store, "number">) => readonly number[];
  /** A new id at each call, unlike any other's. */
  readonly newId: () => string;
  readonly metrics: CoreMetrics;
  readonly log: Log;
}

/** How late an auction without bids may open or close. A bid at the deadline itself does not wait for the tick. */
const POLL_MS = 100;

/** A tick that did not take (its clock was still short of the deadline, or it was lost) is sent again after this. */
const REPEAT_MS = 500;

/**
 * Appends a tick to each auction whose deadline has passed by this machine's clock. The deadlines themselves live in Postgres, so no
 * timer dies with a process; whether one has passed is decided by the log's clock when the tick is read.
 */
export function startTicker(deps: TickerDeps): { stop(): Promise<void> } {
  let stopped = false;
  /** Each shard by itself: one that hangs must not keep the auctions of the others open. */
  const loop = async (store: Store): Promise<void> => {
    const sent = new Map<string, SentTick>();
    while (!stopped) {
      await tickShard(deps, store, sent);
      forget(sent, deps.clock.now() - REPEAT_MS);
      await deps.clock.sleep(POLL_MS);
    }
  };
  const finished = deps.stores.map(loop);
  return {
    async stop() {
      stopped = true;
      await Promise.all(finished);
    },
  };
}

/** The last tick of an auction, and what it was for: the next step of a price must not wait for the one before. */
interface SentTick {
  readonly deadlineMs: number;
  readonly sentAtMs: number;
}

async function tickShard(deps: TickerDeps, store: Store, sent: Map<string, SentTick>): Promise<void> {
  const slots = deps.slotsOf(store);
  if (slots.length === 0) return;
  try {
    const nowMs = deps.clock.now();
    for (const { auctionId, slot, deadlineMs } of await store.dueAuctions(slots, nowMs)) {
      const last = sent.get(auctionId);
      if (last?.deadlineMs === deadlineMs && nowMs - last.sentAtMs < REPEAT_MS) continue;
      deps.bus.publish(commandSubject(slot, auctionId), JSON.stringify(tick(deps.newId())));
      // Deleted first, so that the order of insertion stays that of sending.
      sent.delete(auctionId);
      sent.set(auctionId, { deadlineMs, sentAtMs: nowMs });
      deps.metrics.publishedTicks.add(1);
    }
  } catch (error) {
    deps.log.warn("deadlines could not be polled", { shard: store.number, error });
  }
}

const tick = (id: string): Envelope => ({
  v: WIRE_VERSION,
  id: `tick-${id}`,
  origin: "",
  commands: [{ type: "tick" }],
});

/** Insertion order is time order: the oldest come first. */
function forget(sent: Map<string, SentTick>, beforeMs: number): void {
  for (const [auctionId, { sentAtMs }] of sent) {
    if (sentAtMs >= beforeMs) break;
    sent.delete(auctionId);
  }
}
