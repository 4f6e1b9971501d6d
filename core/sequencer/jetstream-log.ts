import {
  type ConsumerMessages,
  DeliverPolicy,
  type JetStreamClient,
  type JetStreamManager,
  type JsMsg,
} from "@nats-io/jetstream";
import { commandsOfSlot } from "../../shared/subjects.ts";
import type { CommandFeed, CommandLog, LoggedMessage } from "./command-log.ts";
import { streamIdOf } from "./streams.ts";

/** Two missed in a row, and the consumer is made anew: how soon a restarted server is noticed. */
const HEARTBEAT_MS = 1_000;

/** The log in JetStream, read by ordered consumers; nothing is acknowledged. */
export function createJetStreamLog(deps: { js: JetStreamClient; jsm: JetStreamManager }): CommandLog {
  const { js, jsm } = deps;
  return {
    async bounds(stream) {
      const { config, state } = await jsm.streams.info(stream);
      return { streamId: streamIdOf(config), firstSeq: state.first_seq, lastSeq: state.last_seq };
    },
    async message(stream, seq) {
      const stored = await jsm.streams.getMessage(stream, { seq });
      if (stored === null) return null;
      return { seq, atMs: millisOf(stored.timestamp), subject: stored.subject, data: stored.data };
    },
    async consume(stream, { slot, afterSeq, buffer }) {
      const consumer = await js.consumers.get(stream, {
        filter_subjects: [commandsOfSlot(slot)],
        deliver_policy: DeliverPolicy.StartSequence,
        opt_start_seq: afterSeq + 1,
      });
      const messages = await consumer.consume({ max_messages: buffer, idle_heartbeat: HEARTBEAT_MS });
      return feedOf(messages, async () => {
        const { num_pending: unread, delivered } = await consumer.info();
        return { unread, deliveredSeq: delivered.consumer_seq === 0 ? undefined : delivered.stream_seq };
      });
    },
  };
}

function feedOf(messages: ConsumerMessages, unread: CommandFeed["unread"]): CommandFeed {
  return {
    messages: read(messages),
    recreations: recreationsOf(messages),
    unread,
    stop: () => messages.stop(),
  };
}

async function* read(messages: ConsumerMessages): AsyncIterable<LoggedMessage> {
  for await (const message of messages) yield loggedMessage(message as unknown as DeliveredMessage);
}

async function* recreationsOf(messages: ConsumerMessages): AsyncIterable<void> {
  for await (const status of messages.status()) if (status.type === "ordered_consumer_recreated") yield;
}

/** What every delivered message has; the client's type leaves the reply subject out. */
export type DeliveredMessage = Pick<JsMsg, "subject" | "data" | "info"> & { readonly reply: string };

const loggedMessage = ({ subject, data, info, reply }: DeliveredMessage): LoggedMessage => ({
  seq: info.streamSequence,
  atMs: millisOfReply(reply),
  subject,
  data,
});

/**
 * The stream's time from the digits of the reply subject, since a float of nanoseconds would round.
 * `$JS.ACK.…<stream seq>.<consumer seq>.<nanoseconds>.<pending>[.<token>]` has 9 tokens, or 11 and more where it names domain
 * and account.
 */
export function millisOfReply(reply: string): number {
  const tokens = reply.split(".");
  const nanos = tokens[tokens.length === 9 ? 7 : 9] ?? "";
  return Number(nanos.slice(0, -6));
}

/** Milliseconds of an RFC 3339 time with nanoseconds, cut and never rounded, as those of a delivered message are. */
function millisOf(timestamp: string): number {
  const [whole = "", fraction = ""] = timestamp.replace(/Z$/, "").split(".");
  return Date.parse(`${whole}Z`) + Number(fraction.padEnd(3, "0").slice(0, 3));
}
