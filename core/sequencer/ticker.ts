import { nuid, type NatsConnection } from "nats";
import type { Envelope } from "../../shared/commands.ts";
import { commandSubject } from "../../shared/subjects.ts";
import { WIRE_VERSION } from "../../shared/wire-version.ts";
import type { Log } from "../log.ts";
import type { Shard } from "../shards/connect.ts";
import { dueAuctions } from "../shards/due-auctions.ts";
import type { CoreMetrics } from "../telemetry.ts";

export interface TickerDeps {
  readonly nc: NatsConnection;
  readonly shards: readonly Shard[];
  /** The slots of a shard that this instance sequences now. */
  readonly slotsOf: (shard: Shard) => readonly number[];
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
  const sent = new Map<string, SentTick>();
  let stopped = false;
  const loop = async (): Promise<void> => {
    while (!stopped) {
      await Promise.all(deps.shards.map((shard) => tickShard(deps, shard, sent)));
      forget(sent, Date.now() - REPEAT_MS);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  };
  const finished = loop();
  return {
    async stop() {
      stopped = true;
      await finished;
    },
  };
}

/** The last tick of an auction, and what it was for: the next step of a price must not wait for the one before. */
interface SentTick {
  readonly deadlineMs: number;
  readonly sentAtMs: number;
}

async function tickShard(deps: TickerDeps, shard: Shard, sent: Map<string, SentTick>): Promise<void> {
  const slots = deps.slotsOf(shard);
  if (slots.length === 0) return;
  try {
    const nowMs = Date.now();
    for (const { auctionId, slot, deadlineMs } of await dueAuctions(shard, slots, nowMs)) {
      const last = sent.get(auctionId);
      if (last?.deadlineMs === deadlineMs && nowMs - last.sentAtMs < REPEAT_MS) continue;
      deps.nc.publish(commandSubject(slot, auctionId), JSON.stringify(tick()));
      // Deleted first, so that the order of insertion stays that of sending.
      sent.delete(auctionId);
      sent.set(auctionId, { deadlineMs, sentAtMs: nowMs });
      deps.metrics.publishedTicks.add(1);
    }
  } catch (error) {
    deps.log.warn("deadlines could not be polled", { shard: shard.number, error });
  }
}

const tick = (): Envelope => ({
  v: WIRE_VERSION,
  id: `tick-${nuid.next()}`,
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
