import { ACKED, NOT_QUEUED, UNKNOWN, type PublishFate } from "./pipe-protocol.ts";

/** One envelope on its way into a stream. */
export interface Outgoing {
  subject: string;
  /** Becomes the `Nats-Msg-Id`. */
  id: string;
  payload: string;
  settled(fate: PublishFate, seq: number): void;
}

export interface SingleReply {
  fate: PublishFate;
  seq: number;
  /** Why the stream did not take it, in the server's words. */
  refusal?: Refusal;
}

/** `code` is JetStream's `err_code`: 10077 is a stream at its `max_bytes`. */
export interface Refusal {
  code: number;
  description: string;
}

/** `seq` is that of the batch's last message. A refused batch is in no stream. */
export type BatchReply = { fate: "applied"; seq: number } | { fate: "refused" } | { fate: "unknown" };

export interface PublisherDeps {
  single(message: Outgoing): Promise<SingleReply>;
  batch(messages: Outgoing[]): Promise<BatchReply>;
  /** Whether the stream's configuration, as the server returned it, allows atomic batches. */
  atomic(): boolean;
  /** Told of each envelope that was refused, and why. */
  refused?: (refusal: Refusal) => void;
}

/** JetStream refuses more than 1,000 in one atomic batch; smaller ones keep the wait of the next batch short. */
export const MAX_BATCH_MESSAGES = 500;
/** Envelopes that wait for one stream. At the slowest disk that is a second; later ones are better refused. */
export const MAX_WAITING_MESSAGES = 8_192;
/** The same in characters of payload, because an envelope may hold 256 commands: what a link may keep for one stream. */
export const MAX_WAITING_LENGTH = 16 * 1_048_576;
/** Characters of one batch: what a server that has stopped answering can leave unsent on the connection. */
export const MAX_BATCH_LENGTH = 2 * 1_048_576;

/** The link's own refusal, before any server was asked. */
const TOO_MANY_WAIT: Refusal = { code: 0, description: "too many envelopes wait for the stream" };

export interface Publisher {
  add(message: Outgoing): void;
}

/**
 * Publishes into one stream: one flight at a time, and what arrives meanwhile leaves together, as one atomic batch,
 * so that envelopes of different auctions share an fsync.
 */
export function createPublisher(deps: PublisherDeps): Publisher {
  let waiting: Outgoing[] = [];
  let waitingLength = 0;
  let flying = false;

  const takeOff = async (): Promise<void> => {
    flying = true;
    // One macrotask of an idle link may bring several envelopes: let them all aboard.
    await Promise.resolve();
    while (waiting.length > 0) {
      const aboard = boarding(waiting);
      const flight = aboard < waiting.length ? waiting.splice(0, aboard) : waiting;
      if (flight === waiting) waiting = [];
      for (const { payload } of flight) waitingLength -= payload.length;
      await fly(deps, flight);
    }
    flying = false;
  };

  return {
    add(message) {
      if (waiting.length >= MAX_WAITING_MESSAGES || waitingLength >= MAX_WAITING_LENGTH) {
        deps.refused?.(TOO_MANY_WAIT);
        return message.settled(NOT_QUEUED, 0);
      }
      waiting.push(message);
      waitingLength += message.payload.length;
      if (!flying) void takeOff();
    },
  };
}

/** How many of those that wait fit into one batch; at least one. */
function boarding(waiting: readonly Outgoing[]): number {
  let length = 0;
  let count = 0;
  for (const { payload } of waiting) {
    length += payload.length;
    if (count > 0 && length > MAX_BATCH_LENGTH) break;
    if (++count === MAX_BATCH_MESSAGES) break;
  }
  return count;
}

async function fly(deps: PublisherDeps, flight: Outgoing[]): Promise<void> {
  if (flight.length === 1 || !deps.atomic()) return publishSingly(deps, flight, false);
  const reply = await deps.batch(flight);
  switch (reply.fate) {
    case "applied": {
      const first = reply.seq - flight.length + 1;
      for (let i = 0; i < flight.length; i++) flight[i]?.settled(ACKED, first + i);
      return;
    }
    case "refused":
      return publishSingly(deps, flight, false);
    case "unknown":
      // A batch that is sent again is not answered as a duplicate; single messages with their own ids are.
      return publishSingly(deps, flight, true);
  }
}

async function publishSingly(deps: PublisherDeps, messages: Outgoing[], maybeStored: boolean): Promise<void> {
  await Promise.all(
    messages.map(async (message) => {
      const reply = await deps.single(message);
      if (reply.refusal !== undefined) deps.refused?.(reply.refusal);
      message.settled(maybeStored && reply.fate === NOT_QUEUED ? UNKNOWN : reply.fate, reply.seq);
    }),
  );
}
