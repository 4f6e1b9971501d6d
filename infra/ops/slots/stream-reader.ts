import {
  AckPolicy,
  DeliverPolicy,
  type JetStreamClient,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
} from "@nats-io/jetstream";
import { connect, nanos, type NatsConnection } from "nats";
import type { LoggedMessage } from "../../../core/sequencer/log/command-log.ts";
import { createGapFinder, type GapFinder } from "../../../core/sequencer/log/jetstream-gaps.ts";
import { createJetStreamLog } from "../../../core/sequencer/log/jetstream-log.ts";
import type { CommandLog } from "../../../core/sequencer/log/command-log.ts";
import { givenUp, givenUpKey } from "../../../core/sequencer/log/streams.ts";
import { commandsOfSlot, SLOTS_CHANGED_SUBJECT } from "../../../shared/subjects.ts";

/** The streams as they are, for an operator who looks at them. Sequences are the stream's. */
export interface StreamReader extends Pick<CommandLog, "bounds" | "message">, GapFinder {
  /** The stream that carries the slot's commands. Throws when none does. */
  streamOf(slot: number): Promise<string>;
  /** What can be read of the slot's messages from `fromSeq` on, in pages. */
  messagesOf(slot: number, from: { stream: string; fromSeq: number }): AsyncIterable<LoggedMessage[]>;
  /** Cores take no notice any more of what the stream has lost of the slot's messages up to there; 0: of everything again. */
  giveUp(stream: string, slot: number, upToSeq: number): Promise<void>;
  /** Cores look at once for slots that are free. */
  tellCores(): Promise<void>;
}

/** An operator waits this long for NATS before it counts as unreachable. */
const TIMEOUT_MS = 5_000;

/** Messages of a page: some hundred kilobytes. */
const PAGE = 500;

/** The server's least wait for messages that do not come. */
const WAIT_MS = 1_000;
const FORGET_MS = 10_000;

/** Runs `work` on a connection of its own and closes it after it. */
export async function withStreams<T>(
  servers: readonly string[],
  work: (streams: StreamReader) => Promise<T>,
): Promise<T> {
  const options = { name: "lastcall-ops", timeout: TIMEOUT_MS, reconnect: false };
  const nc = await connect({ servers: [...servers], ...options });
  try {
    return await work(streamReader(nc, { js: jetstream(nc), jsm: await jetstreamManager(nc) }));
  } finally {
    await nc.close();
  }
}

function streamReader(
  nc: NatsConnection,
  deps: { js: JetStreamClient; jsm: JetStreamManager },
): StreamReader {
  const { jsm } = deps;
  return {
    ...createJetStreamLog(deps),
    ...createGapFinder(deps),
    async streamOf(slot) {
      try {
        return await jsm.streams.find(commandsOfSlot(slot));
      } catch (cause) {
        throw new Error(`no stream carries slot ${slot}; a core makes it when it starts`, { cause });
      }
    },
    messagesOf: (slot, from) => pagesOf(deps, slot, from),
    async giveUp(stream, slot, upToSeq) {
      const { config } = await jsm.streams.info(stream);
      if (givenUp(config, slot) === upToSeq) return;
      const metadata = { ...config.metadata, [givenUpKey(slot)]: String(upToSeq) };
      await jsm.streams.update(stream, { metadata });
    },
    async tellCores() {
      nc.publish(SLOTS_CHANGED_SUBJECT);
      await nc.flush();
    },
  };
}

async function* pagesOf(
  { js, jsm }: { js: JetStreamClient; jsm: JetStreamManager },
  slot: number,
  { stream, fromSeq }: { stream: string; fromSeq: number },
): AsyncIterable<LoggedMessage[]> {
  const { name, num_pending: expected } = await jsm.consumers.add(stream, {
    ack_policy: AckPolicy.None,
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: Math.max(1, fromSeq),
    filter_subject: commandsOfSlot(slot),
    mem_storage: true,
    num_replicas: 1,
    inactive_threshold: nanos(FORGET_MS),
  });
  try {
    const consumer = await js.consumers.get(stream, name);
    for (let left = expected; left > 0;) {
      const page: LoggedMessage[] = [];
      for await (const message of await consumer.fetch({
        max_messages: Math.min(PAGE, left),
        expires: WAIT_MS,
      })) {
        const atMs = Math.floor(message.info.timestampNanos / 1e6);
        page.push({ seq: message.seq, atMs, subject: message.subject, data: message.data });
      }
      // The server counts what it cannot read; it does not come.
      if (page.length === 0 && (await consumer.info()).num_pending === 0) return;
      left -= page.length;
      yield page;
    }
  } finally {
    await jsm.consumers.delete(stream, name).catch(() => false); // Or the server forgets it by itself.
  }
}
