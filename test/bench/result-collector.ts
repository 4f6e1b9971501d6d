import { DeliverPolicy, jetstream } from "@nats-io/jetstream";
import { connect } from "nats";
import { type Result, resultSchema } from "../../shared/results.ts";
import { RESULTS_STREAM, resultSubject } from "../../shared/subjects.ts";
import type { BenchLot } from "./envelopes.ts";

/** Results ahead of us in the client's buffers; far more than a batch of the core's. */
const MAX_INBOX = 4_096;

export interface Collected {
  readonly results: readonly Result[];
  /** Of `performance.now()`, when the last one had come. */
  readonly lastMs: number;
}

/** Waits for so many results of one lot after a position of RESULTS; read only when all are here, so that the reading costs the measured system nothing. */
export async function collectResults(
  natsUrl: string,
  wanted: { lot: BenchLot; afterSeq: number; count: number },
  signal: AbortSignal,
): Promise<Collected> {
  const connection = await connect({ servers: natsUrl });
  try {
    const { lot, afterSeq, count } = wanted;
    const consumer = await jetstream(connection).consumers.get(RESULTS_STREAM, {
      filter_subjects: [resultSubject(lot.slot, lot.auctionId)],
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: afterSeq + 1,
    });
    const messages = await consumer.consume({ max_messages: MAX_INBOX });
    signal.addEventListener("abort", () => messages.stop(), { once: true });
    const received: Uint8Array[] = [];
    for await (const message of messages) {
      received.push(message.data);
      if (received.length === count) break;
    }
    signal.throwIfAborted();
    const lastMs = performance.now();
    const decoder = new TextDecoder();
    return { lastMs, results: received.map((data) => resultSchema.parse(JSON.parse(decoder.decode(data)))) };
  } finally {
    await connection.close();
  }
}
