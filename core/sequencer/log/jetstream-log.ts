import {
  type ConsumerMessages,
  DeliverPolicy,
  type JetStreamClient,
  type JetStreamManager,
  type JsMsg,
} from "@nats-io/jetstream";
import { commandsOfSlot } from "../../../shared/subjects.ts";
import type { CommandFeed, CommandLog, LoggedMessage } from "./command-log.ts";
import { createGapFinder } from "./jetstream-gaps.ts";
import { givenUp, streamIdOf } from "./streams.ts";

/** Two missed in a row, and the consumer is made anew: how soon a restarted server is noticed. */
const HEARTBEAT_MS = 1_000;

/**
 * A reader that waits and has heard nothing for so long, not even a heartbeat, is given up. The client makes most lost
 * consumers anew by itself, but one whose server goes away while it does so it may leave alone for half a minute.
 */
const SILENT_AFTER_MS = 2_500;
const LISTEN_EVERY_MS = 250;

/** The log in JetStream, read by ordered consumers; nothing is acknowledged. */
export function createJetStreamLog(deps: { js: JetStreamClient; jsm: JetStreamManager }): CommandLog {
  const { js, jsm } = deps;
  const gaps = createGapFinder(deps);
  return {
    async bounds(stream) {
      const { config, state } = await jsm.streams.info(stream);
      // Of a stream that never had a message, both are 0.
      const firstSeq = state.messages === 0 ? state.last_seq + 1 : state.first_seq;
      return { streamId: streamIdOf(config), firstSeq, lastSeq: state.last_seq };
    },
    async firstGap(stream, { slot, afterSeq }) {
      const { config, state } = await jsm.streams.info(stream);
      const from = Math.max(afterSeq, givenUp(config, slot));
      return gaps.firstGap(stream, { afterSeq: from, upToSeq: state.last_seq });
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
      // The server would keep it for minutes; a slot that cannot go on and reads again and again would use up all there may be.
      void messages.closed().then(() => consumer.delete().catch(() => false));
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
  const silence = watchSilence(messages);
  const iterator = messages[Symbol.asyncIterator]();
  try {
    for (;;) {
      silence.waits(true);
      const next = await iterator.next();
      silence.waits(false);
      if (next.done === true) return;
      yield loggedMessage(next.value as unknown as DeliveredMessage);
    }
  } finally {
    silence.end();
    messages.stop();
  }
}

/** Ends the messages with an error when nothing is heard of the server while somebody waits for one. */
function watchSilence(messages: ConsumerMessages): { waits(isWaiting: boolean): void; end(): void } {
  let waiting = false;
  let heardMs = performance.now();
  const timer = setInterval(() => {
    if (waiting && performance.now() - heardMs > SILENT_AFTER_MS)
      messages.stop(new Error("nothing was heard of the log's consumer"));
  }, LISTEN_EVERY_MS);
  void (async () => {
    for await (const { type } of messages.status()) if (type === "heartbeat") heardMs = performance.now();
  })();
  return {
    waits(isWaiting) {
      waiting = isWaiting;
      heardMs = performance.now();
    },
    end: () => clearInterval(timer),
  };
}

async function* recreationsOf(messages: ConsumerMessages): AsyncIterable<void> {
  for await (const status of messages.status()) if (status.type === "ordered_consumer_recreated") yield;
}

/** What every delivered message has; the client's type leaves the reply subject out. */
export type DeliveredMessage = Pick<JsMsg, "subject" | "data" | "info"> & { readonly reply: string };

/** As the log's readers see it. */
export const loggedMessage = ({ subject, data, info, reply }: DeliveredMessage): LoggedMessage => ({
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
