import type { CommandLog, LoggedMessage } from "./command-log.ts";

/**
 * The log in a slot's own sequences: its stream's plus a base. The base is 0 until an operator adopts a stream that hands out
 * sequences again; what is keyed by a sequence, from decisions to the ids of results, must go on rising within the slot.
 * Everything inside of this border knows the slot's own sequences only.
 */
export function rebasedLog(log: CommandLog, base: number): CommandLog {
  if (base === 0) return log;
  const raised = (message: LoggedMessage): LoggedMessage => ({ ...message, seq: message.seq + base });
  return {
    async bounds(stream) {
      const { streamId, firstSeq, lastSeq } = await log.bounds(stream);
      return { streamId, firstSeq: firstSeq + base, lastSeq: lastSeq + base };
    },
    async message(stream, seq) {
      const message = await log.message(stream, seq - base);
      return message === null ? null : raised(message);
    },
    async firstGap(stream, { slot, afterSeq }) {
      const gap = await log.firstGap(stream, { slot, afterSeq: afterSeq - base });
      return gap === undefined ? undefined : { fromSeq: gap.fromSeq + base, toSeq: gap.toSeq + base };
    },
    async consume(stream, { slot, afterSeq, buffer }) {
      const feed = await log.consume(stream, { slot, afterSeq: afterSeq - base, buffer });
      return {
        messages: each(feed.messages, raised),
        recreations: feed.recreations,
        async unread() {
          const { unread, deliveredSeq } = await feed.unread();
          return { unread, deliveredSeq: deliveredSeq === undefined ? undefined : deliveredSeq + base };
        },
        stop: () => feed.stop(),
      };
    },
  };
}

async function* each(
  messages: AsyncIterable<LoggedMessage>,
  change: (message: LoggedMessage) => LoggedMessage,
): AsyncIterable<LoggedMessage> {
  for await (const message of messages) yield change(message);
}
