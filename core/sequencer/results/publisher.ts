import { resultSubject } from "../../../shared/subjects.ts";
import type { Bus } from "../../bus.ts";
import type { CoreMetrics } from "../../telemetry.ts";

/** Hands results to NATS, in the order in which it is called. */
export interface Publisher {
  /** `slot:seq` of the envelope becomes the message's id: two slots may count differently in the stream that they share. */
  publish(slot: number, result: { auctionId: string; seq: number; text: string }): void;
  /** Resolves when the server has everything published before the call; rejects when the connection is gone. */
  flush(): Promise<void>;
}

export function createPublisher({ bus, metrics }: { bus: Bus; metrics: CoreMetrics }): Publisher {
  return {
    publish(slot, { auctionId, seq, text }) {
      bus.publish(resultSubject(slot, auctionId), text, `${slot}:${seq}`);
      metrics.publishedResults.add(1);
    },
    flush: () => bus.flush(),
  };
}
