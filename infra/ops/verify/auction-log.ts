import {
  AckPolicy,
  DeliverPolicy,
  type JetStreamClient,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
} from "@nats-io/jetstream";
import { connect, nanos } from "nats";
import { commandsOfSlot, commandSubject } from "../../../shared/subjects.ts";
import type { StoredState } from "./stored-auction.ts";

/** A message of an auction's log, in its slot's own sequence. */
export interface LoggedEnvelope {
  readonly seq: number;
  readonly atMs: number;
  readonly data: Uint8Array;
}

/** One auction's log, read once from its beginning. What was parked without a decision is passed over. */
export interface AuctionLog {
  /** The next message, if it stands at `seq` or before. */
  nextUpTo(seq: number): Promise<LoggedEnvelope | undefined>;
  /** Whether the stream still reaches back to a sequence. */
  mustHave(seq: number): boolean;
  close(): Promise<void>;
}

export type AuctionLogs = (auctionId: string, state: StoredState) => Promise<AuctionLog>;

/** An operator waits this long for NATS before it counts as unreachable. */
const TIMEOUT_MS = 5_000;
/** Messages of a page: some megabytes at most. */
const PAGE = 500;
/** The server's least wait for messages that do not come. */
const WAIT_MS = 1_000;
/** The server forgets a consumer of ours so long after we have gone. */
const FORGET_MS = 10_000;

/** Runs `work` with the logs of the cluster's streams, which are only read. */
export async function withAuctionLogs<T>(
  servers: readonly string[],
  work: (logs: AuctionLogs) => Promise<T>,
): Promise<T> {
  const nc = await connect({
    servers: [...servers],
    name: "lastcall-ops",
    timeout: TIMEOUT_MS,
    reconnect: false,
  });
  try {
    const deps = { js: jetstream(nc), jsm: await jetstreamManager(nc) };
    return await work((auctionId, state) => openLog(deps, auctionId, state));
  } finally {
    await nc.close();
  }
}

async function openLog(
  { js, jsm }: { js: JetStreamClient; jsm: JetStreamManager },
  auctionId: string,
  { slot, seqBase, parked }: StoredState,
): Promise<AuctionLog> {
  const stream = await jsm.streams.find(commandsOfSlot(slot));
  const { state } = await jsm.streams.info(stream);
  const { name, num_pending: expected } = await jsm.consumers.add(stream, {
    ack_policy: AckPolicy.None,
    deliver_policy: DeliverPolicy.All,
    filter_subject: commandSubject(slot, auctionId),
    mem_storage: true,
    num_replicas: 1,
    inactive_threshold: nanos(FORGET_MS),
  });
  const consumer = await js.consumers.get(stream, name);
  let left = expected;
  let page: LoggedEnvelope[] = [];
  let place = 0;

  /** The next page; what was parked is left out. */
  const readPage = async (): Promise<void> => {
    page = [];
    place = 0;
    while (left > 0 && page.length === 0) {
      let arrived = 0;
      for await (const message of await consumer.fetch({
        max_messages: Math.min(PAGE, left),
        expires: WAIT_MS,
      })) {
        arrived++;
        const seq = message.seq + seqBase;
        const atMs = Math.floor(message.info.timestampNanos / 1e6);
        if (!parked.has(seq)) page.push({ seq, atMs, data: message.data });
      }
      // The server counts what it cannot read; it does not come.
      if (arrived === 0 && (await consumer.info()).num_pending === 0) left = 0;
      left -= arrived;
    }
  };

  return {
    async nextUpTo(seq) {
      if (place === page.length && left > 0) await readPage();
      const next = page[place];
      if (next === undefined || next.seq > seq) return undefined;
      place++;
      return next;
    },
    mustHave: (seq) => seq - seqBase >= Math.max(1, state.first_seq),
    async close() {
      await jsm.consumers.delete(stream, name).catch(() => false); // Or the server forgets it by itself.
    },
  };
}
