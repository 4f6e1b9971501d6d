import type { Clock } from "../../clock.ts";
import type { Log } from "../../log.ts";
import type { Publisher } from "./publisher.ts";
import { republish } from "./republish.ts";
import type { SlotSequencer } from "../slot-sequencer.ts";

/** Publishes again what of a slot's results may not have left: a former owner's, or ours while the connection broke. */
export interface CatchUp {
  /** From the slot's `publishedSeq` on, again and again until all of it has left. */
  start(slot: SlotSequencer): void;
  /** While it is so, results that leave after the missing ones must not move `publishedSeq` past them. */
  isBehind(slot: SlotSequencer): boolean;
}

/** Between two attempts: as soon as a broker that is back takes messages again. */
const RETRY_MS = 250;

export function createCatchUp(deps: { publisher: Publisher; clock: Clock; log: Log }): CatchUp {
  const { publisher, clock, log } = deps;
  /** How often a slot was found to be behind. */
  const behind = new Map<SlotSequencer, number>();
  const run = async (slot: SlotSequencer): Promise<void> => {
    for (;;) {
      const known = behind.get(slot);
      try {
        const publishedSeq = await republish({ store: slot.store, publisher }, slot);
        if (behind.get(slot) === known) {
          behind.delete(slot);
          slot.publishedSeq = publishedSeq;
          return;
        }
      } catch (error) {
        log.warn("results cannot be published again yet", { slot: slot.slot, error });
      }
      await clock.sleep(RETRY_MS);
    }
  };
  return {
    start(slot) {
      const times = behind.get(slot) ?? 0;
      behind.set(slot, times + 1);
      if (times === 0) void run(slot);
    },
    isBehind: (slot) => behind.has(slot),
  };
}
