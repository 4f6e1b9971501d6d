import {
  type JetStreamManager,
  RetentionPolicy,
  DiscardPolicy,
  StorageType,
  type StreamConfig,
} from "@nats-io/jetstream";
import { nanos } from "nats";
import {
  commandsOfSlot,
  commandStream,
  ORDERS_STREAM,
  RESULTS_STREAM,
  streamOf,
} from "../../../shared/subjects.ts";
import { CoreError } from "../../core-error.ts";

/** A timed-out publish is retried with its own id for 10 s at most; three times that leaves no gap. */
const DUPLICATE_WINDOW_MS = 30_000;

/** A link that comes back within this time finds the results it missed; after it Postgres has them. */
const RESULTS_MAX_AGE_MS = 60_000;
const RESULTS_MAX_BYTES = 128 * 1_048_576;

/** A receiver of order events may be away for so long; what is older is in Postgres only. */
const ORDERS_MAX_AGE_MS = 30 * 86_400_000;
/** A dispatcher that died between publishing and noting it, and its successor that publishes again, are closer than this. */
const ORDERS_DUPLICATE_WINDOW_MS = 120_000;

/**
 * What each stream of commands may take of its disk: some hundred million bids in envelopes. The server sets it aside when
 * the stream is made, so all streams together must fit into its `max_file_store`.
 */
export const DEFAULT_STREAM_MAX_BYTES = 16 * 1_073_741_824;
/** A month of order events of a very busy house; the oldest go first, as with the age. */
const ORDERS_MAX_BYTES = 2 * 1_073_741_824;

/** Names the stream's incarnation: a recreated one gets another, so that a position in the old one is not taken for one in the new. */
const STREAM_ID = "lastcall-stream-id";

export interface StreamOptions {
  readonly slots: number;
  readonly streams: number;
  readonly replicas: number;
  readonly streamMaxBytes: number;
}

/**
 * Creates what is missing of COMMANDS-*, RESULTS and ORDERS and checks the rest. Commands are never aged or discarded: a full
 * stream refuses, and the edge says 503. A size that has changed since is set. Throws a CoreError when an existing stream was made for another cluster layout.
 */
export async function ensureStreams(jsm: JetStreamManager, options: StreamOptions): Promise<void> {
  for (let stream = 0; stream < options.streams; stream++) {
    const name = commandStream(stream);
    const subjects = Array.from({ length: options.slots }, (_, slot) => slot)
      .filter((slot) => streamOf(slot, options.streams) === stream)
      .map(commandsOfSlot);
    const config = await ensureStream(jsm, {
      name,
      subjects,
      storage: StorageType.File,
      retention: RetentionPolicy.Limits,
      discard: DiscardPolicy.New,
      max_bytes: options.streamMaxBytes,
      duplicate_window: nanos(DUPLICATE_WINDOW_MS),
      num_replicas: options.replicas,
      allow_atomic: true,
      allow_direct: true,
      metadata: { [STREAM_ID]: crypto.randomUUID() },
    });
    if ([...config.subjects].sort().join() !== [...subjects].sort().join()) {
      throw new CoreError(
        `${name} carries other slots than this configuration says; slots and streams are fixed at creation`,
        {
          retryable: false,
        },
      );
    }
  }
  await ensureStream(jsm, {
    name: RESULTS_STREAM,
    subjects: ["results.>"],
    storage: StorageType.Memory,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.Old,
    max_age: nanos(RESULTS_MAX_AGE_MS),
    max_bytes: RESULTS_MAX_BYTES,
    duplicate_window: nanos(DUPLICATE_WINDOW_MS),
    num_replicas: options.replicas,
    allow_direct: true,
  });
  await ensureStream(jsm, {
    name: ORDERS_STREAM,
    subjects: ["orders.>"],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.Old,
    max_age: nanos(ORDERS_MAX_AGE_MS),
    max_bytes: ORDERS_MAX_BYTES,
    duplicate_window: nanos(ORDERS_DUPLICATE_WINDOW_MS),
    num_replicas: options.replicas,
    allow_direct: true,
  });
}

/** The id of a stream's incarnation; empty when it was not made by Lastcall. */
export function streamIdOf(config: Pick<StreamConfig, "metadata">): string {
  return config.metadata?.[STREAM_ID] ?? "";
}

/** Up to which of the stream's sequences an operator has given up what of the slot's messages the log has lost; 0: nothing. */
export function givenUp(config: Pick<StreamConfig, "metadata">, slot: number): number {
  return Number(config.metadata?.[givenUpKey(slot)] ?? 0);
}

/** Where the stream's metadata say so, for a slot. */
export const givenUpKey = (slot: number): string => `lastcall-given-up-${slot}`;

async function ensureStream(
  jsm: JetStreamManager,
  wanted: Partial<StreamConfig> & { name: string; max_bytes: number },
): Promise<StreamConfig> {
  const existing = await configOf(jsm, wanted.name);
  if (existing === undefined) return createStream(jsm, wanted);
  if (existing.max_bytes === wanted.max_bytes) return existing;
  return (await jsm.streams.update(wanted.name, { max_bytes: wanted.max_bytes })).config;
}

async function createStream(
  jsm: JetStreamManager,
  wanted: Partial<StreamConfig> & { name: string },
): Promise<StreamConfig> {
  try {
    return (await jsm.streams.add(wanted)).config;
  } catch (cause) {
    // Another instance may have been faster; if not, the refusal is the error to tell.
    const existing = await configOf(jsm, wanted.name);
    if (existing !== undefined) return existing;
    throw new CoreError(`stream ${wanted.name} is missing and cannot be created`, { retryable: true, cause });
  }
}

async function configOf(jsm: JetStreamManager, name: string): Promise<StreamConfig | undefined> {
  return (await jsm.streams.info(name).catch(() => undefined))?.config;
}
