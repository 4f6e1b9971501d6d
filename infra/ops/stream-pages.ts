import {
  AckPolicy,
  DeliverPolicy,
  type JetStreamClient,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
} from "@nats-io/jetstream";
import { connect, nanos, type NatsConnection } from "nats";
import type { LoggedMessage } from "../../core/sequencer/log/command-log.ts";
import { type DeliveredMessage, loggedMessage } from "../../core/sequencer/log/jetstream-log.ts";

export interface Streams {
  readonly nc: NatsConnection;
  readonly js: JetStreamClient;
  readonly jsm: JetStreamManager;
}

/** An operator waits this long for NATS before it counts as unreachable. */
const TIMEOUT_MS = 5_000;
/** Messages of a page: some megabytes at most. */
const PAGE = 500;
/** The server's least wait for messages that do not come. */
const WAIT_MS = 1_000;
/** The server forgets a consumer of ours so long after we have gone. */
const FORGET_MS = 10_000;

/** Runs `work` on a connection of its own to the cluster's streams and closes it after it. */
export async function withStreams<T>(
  servers: readonly string[],
  work: (streams: Streams) => Promise<T>,
): Promise<T> {
  const options = { name: "lastcall-ops", timeout: TIMEOUT_MS, reconnect: false };
  const nc = await connect({ servers: [...servers], ...options });
  try {
    return await work({ nc, js: jetstream(nc), jsm: await jetstreamManager(nc) });
  } finally {
    await nc.close();
  }
}

/** What can be read of a subject's messages from `fromSeq` up to the stream's end of now, in their order, never an empty page. */
export async function* streamPages(
  { js, jsm }: Pick<Streams, "js" | "jsm">,
  { stream, subject, fromSeq }: { stream: string; subject: string; fromSeq: number },
): AsyncGenerator<LoggedMessage[], void, void> {
  const { name, num_pending: expected } = await jsm.consumers.add(stream, {
    ack_policy: AckPolicy.None,
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: Math.max(1, fromSeq),
    filter_subject: subject,
    mem_storage: true,
    num_replicas: 1,
    inactive_threshold: nanos(FORGET_MS),
  });
  try {
    const consumer = await js.consumers.get(stream, name);
    for (let left = expected; left > 0;) {
      const page: LoggedMessage[] = [];
      const batch = await consumer.fetch({ max_messages: Math.min(PAGE, left), expires: WAIT_MS });
      for await (const message of batch) page.push(loggedMessage(message as unknown as DeliveredMessage));
      // The server counts what it cannot read; it does not come.
      if (page.length === 0 && (await consumer.info()).num_pending === 0) return;
      left -= page.length;
      if (page.length > 0) yield page;
    }
  } finally {
    await jsm.consumers.delete(stream, name).catch(() => false); // Or the server forgets it by itself.
  }
}
