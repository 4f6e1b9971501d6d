import { resultSubject } from "../../shared/subjects.ts";
import type { Bus } from "../bus.ts";
import type { CoreMetrics } from "../telemetry.ts";

/** Hands results to NATS, in the order in which it is called. */
export interface Publisher {
  /** `stream:seq` of the envelope becomes the message's id. */
  publish(slot: number, stream: string, result: { auctionId: string; seq: number; text: string }): void;
  /** Resolves when the server has everything published before the call; rejects when the connection is gone. */
  flush(): Promise<void>;
}

export function createPublisher({ bus, metrics }: { bus: Bus; metrics: CoreMetrics }): Publisher {
  return {
    publish(slot, stream, { auctionId, seq, text }) {
      bus.publish(resultSubject(slot, auctionId), text, `${stream}:${seq}`);
      metrics.publishedResults.add(1);
    },
    flush: () => bus.flush(),
  };
}
