import type { Clock } from "../../clock.ts";
import type { Log } from "../../log.ts";
import type { Shard } from "../../shards/connect.ts";
import { settleDeliveries, type SettledDelivery } from "../../shards/webhook-deliveries.ts";
import { startLoop } from "../wakeful-loop.ts";

/** Notes in a shard what came of attempts, several in one transaction. */
export interface WebhookSettler {
  settle(settled: SettledDelivery): void;
  /** Resolves when what was handed in has been noted, or cannot be. */
  stop(): Promise<void>;
}

export interface SettlerDeps {
  readonly shard: Shard;
  readonly clock: Clock;
  readonly log: Log;
  /** These are noted; until then they count as on their way. */
  readonly onSettled: (settled: readonly SettledDelivery[]) => void;
}

/** A transaction of so many takes milliseconds. */
const BATCH = 256;

/** Between tries of a shard that does not answer. What is never noted is sent again. */
const RETRY_MS = 1_000;

export function startSettler({ shard, clock, log, onSettled }: SettlerDeps): WebhookSettler {
  /** At most as many as may be on their way. */
  const waiting: SettledDelivery[] = [];
  const flush = async (): Promise<boolean> => {
    const batch = waiting.slice(0, BATCH);
    if (batch.length === 0) return false;
    try {
      await settleDeliveries(shard, batch);
    } catch (error) {
      log.warn("what came of webhooks is not noted yet", { shard: shard.number, error });
      return false;
    }
    waiting.splice(0, batch.length);
    onSettled(batch);
    return waiting.length > 0;
  };
  const loop = startLoop(clock, RETRY_MS, flush);
  return {
    settle(settled) {
      waiting.push(settled);
      loop.wake();
    },
    async stop() {
      await loop.stop();
      while (await flush());
    },
  };
}
