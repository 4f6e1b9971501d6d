import type { Log } from "../log.ts";
import type { Pulse } from "../shards/heartbeat.ts";
import type { Store } from "../shards/store.ts";
import type { CoreMetrics } from "../telemetry.ts";

/**
 * Which slots are out of service, and why: what Postgres says with each beat, whoever halted them, and what this instance has
 * halted a moment ago. A slot that an operator has put right is gone from here, whoever runs it now.
 */
export interface HaltedSlots {
  /** Of all shards. */
  readonly reasons: ReadonlyMap<number, string>;
  /** Takes a slot of ours out of service. */
  halt(store: Store, halted: { slot: number; epoch: number; reason: string }): void;
  /** To be called before a beat; the returned function takes the beat's answer. */
  beatBegins(store: Store): (pulse: Pulse) => void;
}

interface OneShard {
  readonly reasons: Map<number, string>;
  /** Not yet known to be marked in Postgres: a beat need not show them. */
  readonly unmarked: Set<number>;
}

export function createHaltedSlots(deps: {
  stores: readonly Store[];
  metrics: CoreMetrics;
  log: Log;
}): HaltedSlots {
  const { stores, metrics, log } = deps;
  const shards = new Map<Store, OneShard>(
    stores.map((store) => [store, { reasons: new Map(), unmarked: new Set() }]),
  );
  const all = (): Map<number, string> => new Map([...shards.values()].flatMap(({ reasons }) => [...reasons]));
  return {
    get reasons() {
      return all();
    },
    halt(store, halted) {
      const { slot, reason } = halted;
      const shard = shards.get(store);
      shard?.reasons.set(slot, reason);
      shard?.unmarked.add(slot);
      metrics.haltedSlots.record(all().size);
      log.error("a slot is out of service until an operator acts", { slot, reason });
      store
        .haltSlot(halted)
        // Not marked, its lease runs out, and whoever claims it finds the same fault.
        .catch((error: unknown) => log.error("the halted slot could not be marked", { slot, error }))
        .finally(() => shard?.unmarked.delete(slot));
    },
    beatBegins(store) {
      const shard = shards.get(store);
      const notYet = new Set(shard?.unmarked);
      return (pulse) => {
        for (const slot of shard?.reasons.keys() ?? [])
          if (!pulse.halted.has(slot) && !notYet.has(slot) && shard?.unmarked.has(slot) === false)
            shard.reasons.delete(slot);
        for (const [slot, reason] of pulse.halted) shard?.reasons.set(slot, reason);
        metrics.haltedSlots.record(all().size);
      };
    },
  };
}
