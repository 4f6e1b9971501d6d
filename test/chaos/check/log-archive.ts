import { DeliverPolicy, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "nats";
import { DEFAULT_SLOTS, slotOf } from "../../../shared/slots.ts";
import { commandStream, commandSubject, DEFAULT_STREAMS, streamOf } from "../../../shared/subjects.ts";
import type { LoggedMessage } from "../../support/replay.ts";

/** How long an auction's messages may take to arrive here. */
const READ_TIMEOUT_MS = 30_000;

/** The streams as any consumer sees them, one auction at a time: a run's whole log need not fit into memory. */
export interface LogArchive {
  /** Every auction that a stream has a message of. */
  auctionIds(): Promise<string[]>;
  messagesOf(auctionId: string): Promise<LoggedMessage[]>;
  close(): Promise<void>;
}

export async function openLogArchive(natsUrl: string): Promise<LogArchive> {
  const nc = await connect({ servers: natsUrl });
  const jsm = await jetstreamManager(nc);
  const streams = Array.from({ length: DEFAULT_STREAMS }, (_, number) => commandStream(number));
  return {
    async auctionIds() {
      const ids: string[] = [];
      for (const stream of streams) {
        const { state } = await jsm.streams.info(stream, { subjects_filter: ">" });
        for (const subject of Object.keys(state.subjects ?? {}))
          ids.push(subject.slice(subject.lastIndexOf(".") + 1));
      }
      return ids;
    },
    async messagesOf(auctionId) {
      const slot = slotOf(auctionId, DEFAULT_SLOTS);
      const stream = commandStream(streamOf(slot, DEFAULT_STREAMS));
      const subject = commandSubject(slot, auctionId);
      const { state } = await jsm.streams.info(stream, { subjects_filter: subject });
      const expected = state.subjects?.[subject] ?? 0;
      const read: LoggedMessage[] = [];
      if (expected === 0) return read;
      const consumer = await jetstream(nc).consumers.get(stream, {
        deliver_policy: DeliverPolicy.All,
        filter_subjects: [subject],
      });
      const messages = await consumer.consume({ max_messages: 1_000 });
      const timer = setTimeout(
        () => messages.stop(new Error(`${subject} was not read in time`)),
        READ_TIMEOUT_MS,
      );
      for await (const { seq, data, timestampNanos } of messages) {
        // Nanoseconds since the epoch do not fit a number.
        read.push({ seq, timestampMs: Number(timestampNanos / 1_000_000n), auctionId, data });
        if (read.length >= expected) break;
      }
      clearTimeout(timer);
      await consumer.delete().catch(() => false);
      return read;
    },
    close: () => nc.close(),
  };
}
