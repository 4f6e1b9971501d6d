import { type JetStreamClient, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "nats";
import type { Envelope } from "../../shared/commands.ts";
import { commandSubject, RESULTS_STREAM } from "../../shared/subjects.ts";
import type { BenchLot } from "./envelopes.ts";

/** Unacknowledged publishes at once: enough for the broker to sync many with one fsync, few enough to stay in memory. */
const IN_FLIGHT = 512;

/** With fsync on every write a full window takes a fraction of a second. */
const PUBLISH_TIMEOUT_MS = 10_000;

export interface LotEnvelope {
  readonly lot: BenchLot;
  readonly envelope: Envelope;
}

/** The last position that was written, for each slot written to. */
export type LastSequences = ReadonlyMap<number, number>;

/** Puts envelopes straight into the command streams, past the edge. */
export interface LogWriter {
  /** Resolves once the stream has acknowledged (and fsynced) every one of them. */
  publish(envelopes: Iterable<LotEnvelope>): Promise<LastSequences>;
  /** Results that the cores have published so far, over all time. */
  resultsPublished(): Promise<number>;
  close(): Promise<void>;
}

export async function openLogWriter(natsUrl: string): Promise<LogWriter> {
  const connection = await connect({ servers: natsUrl });
  const client = jetstream(connection, { timeout: PUBLISH_TIMEOUT_MS });
  const manager = await jetstreamManager(connection);
  return {
    publish: (envelopes) => publishAll(client, envelopes),
    resultsPublished: async () => (await manager.streams.info(RESULTS_STREAM)).state.last_seq,
    close: () => connection.close(),
  };
}

async function publishAll(client: JetStreamClient, envelopes: Iterable<LotEnvelope>): Promise<LastSequences> {
  const last = new Map<number, number>();
  const source = envelopes[Symbol.iterator]();
  async function publishNext(): Promise<void> {
    for (let next = source.next(); next.done !== true; next = source.next()) {
      const { lot, envelope } = next.value;
      const subject = commandSubject(lot.slot, lot.auctionId);
      const { seq } = await client.publish(subject, JSON.stringify(envelope), { msgID: envelope.id });
      last.set(lot.slot, Math.max(seq, last.get(lot.slot) ?? 0));
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, publishNext));
  return last;
}
