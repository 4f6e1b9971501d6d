import { headers, type NatsConnection } from "nats";
import { resultSubject } from "../../shared/subjects.ts";
import type { CoreMetrics } from "../telemetry.ts";

/** Hands results to NATS, in the order in which it is called. */
export interface Publisher {
  /** `stream:seq` of the envelope becomes the message's id. */
  publish(slot: number, stream: string, result: { auctionId: string; seq: number; text: string }): void;
  /** Resolves when the server has everything published before the call; rejects when the connection is gone. */
  flush(): Promise<void>;
}

export function createPublisher(deps: { nc: NatsConnection; metrics: CoreMetrics }): Publisher {
  const { nc, metrics } = deps;
  return {
    publish(slot, stream, result) {
      const head = headers();
      head.set("Nats-Msg-Id", `${stream}:${result.seq}`);
      nc.publish(resultSubject(slot, result.auctionId), result.text, { headers: head });
      metrics.publishedResults.add(1);
    },
    flush: () => nc.flush(),
  };
}
