import { DeliverPolicy, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "nats";
import { auctionIdOfSubject, commandStream, DEFAULT_STREAMS } from "../../shared/subjects.ts";
import type { LoggedMessage } from "./replay.ts";

/** How long the end of a stream may take to arrive here. */
const READ_TIMEOUT_MS = 30_000;

/** Every message of every COMMANDS stream, in stream order, as a consumer of its own sees them. */
export async function readLog(natsUrl: string, streams = DEFAULT_STREAMS): Promise<LoggedMessage[]> {
  const nc = await connect({ servers: natsUrl });
  try {
    const jsm = await jetstreamManager(nc);
    const tape: LoggedMessage[] = [];
    for (let number = 0; number < streams; number++) {
      const stream = commandStream(number);
      const { state } = await jsm.streams.info(stream);
      if (state.messages === 0) continue;
      const consumer = await jetstream(nc).consumers.get(stream, { deliver_policy: DeliverPolicy.All });
      const messages = await consumer.consume({ max_messages: 1_000 });
      const timer = setTimeout(
        () => messages.stop(new Error(`${stream} was not read in time`)),
        READ_TIMEOUT_MS,
      );
      for await (const message of messages) {
        const auctionId = auctionIdOfSubject(message.subject);
        const { streamSequence: seq, timestampNanos } = message.info;
        if (auctionId !== undefined) {
          tape.push({
            seq,
            timestampMs: timestampMillis(message, timestampNanos),
            auctionId,
            data: message.data,
          });
        }
        if (seq >= state.last_seq) break;
      }
      clearTimeout(timer);
    }
    return tape;
  } finally {
    await nc.close();
  }
}

/** From the digits of the reply subject where the client shows them: a float of nanoseconds may round up into the next millisecond. */
function timestampMillis(message: object, nanos: number): number {
  const digits = "reply" in message ? /\.(\d{16,19})\.\d+$/.exec(String(message.reply))?.[1] : undefined;
  return digits === undefined ? Math.floor(nanos / 1e6) : Number(digits.slice(0, -6));
}
