import { DeliverPolicy, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "nats";

/** A message of any stream, as a consumer of its own sees it. */
export interface StreamMessage {
  readonly seq: number;
  readonly subject: string;
  /** When the stream took it, in whole milliseconds. */
  readonly timestampMs: number;
  readonly data: Uint8Array;
}

/** How long the end of a stream may take to arrive here. */
const READ_TIMEOUT_MS = 30_000;

/** Everything that a stream holds now on a subject, in its order. */
export async function readStream(natsUrl: string, stream: string, subject: string): Promise<StreamMessage[]> {
  const nc = await connect({ servers: natsUrl });
  try {
    const jsm = await jetstreamManager(nc);
    const { state } = await jsm.streams.info(stream, { subjects_filter: subject });
    const expected = Object.values(state.subjects ?? {}).reduce((sum, count) => sum + count, 0);
    if (expected === 0) return [];
    const read: StreamMessage[] = [];
    const consumer = await jetstream(nc).consumers.get(stream, {
      deliver_policy: DeliverPolicy.All,
      filter_subjects: [subject],
    });
    const messages = await consumer.consume({ max_messages: 1_000 });
    const timer = setTimeout(
      () => messages.stop(new Error(`${stream} was not read in time`)),
      READ_TIMEOUT_MS,
    );
    for await (const message of messages) {
      const { seq, subject: on, data } = message;
      // Nanoseconds since the epoch do not fit a number.
      read.push({ seq, subject: on, timestampMs: Number(message.timestampNanos / 1_000_000n), data });
      if (read.length >= expected) break;
    }
    clearTimeout(timer);
    return read;
  } finally {
    await nc.close();
  }
}
