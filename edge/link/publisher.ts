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
}

/** `seq` is that of the batch's last message. A refused batch is in no stream. */
export type BatchReply = { fate: "applied"; seq: number } | { fate: "refused" } | { fate: "unknown" };

export interface PublisherDeps {
  single(message: Outgoing): Promise<SingleReply>;
  batch(messages: Outgoing[]): Promise<BatchReply>;
  /** Whether the stream's configuration, as the server returned it, allows atomic batches. */
  atomic(): boolean;
}

/** JetStream refuses more than 1,000 in one atomic batch; smaller ones keep the wait of the next batch short. */
export const MAX_BATCH_MESSAGES = 500;
/** Envelopes that wait for one stream. At the slowest disk that is a second; later ones are better refused. */
export const MAX_WAITING_MESSAGES = 8_192;

export interface Publisher {
  add(message: Outgoing): void;
}

/**
 * Publishes into one stream: one flight at a time, and what arrives meanwhile leaves together, as one atomic batch,
 * so that envelopes of different auctions share an fsync.
 */
export function createPublisher(deps: PublisherDeps): Publisher {
  let waiting: Outgoing[] = [];
  let flying = false;

  const takeOff = async (): Promise<void> => {
    flying = true;
    // One macrotask of an idle link may bring several envelopes: let them all aboard.
    await Promise.resolve();
    while (waiting.length > 0) {
      const flight = waiting.length > MAX_BATCH_MESSAGES ? waiting.splice(0, MAX_BATCH_MESSAGES) : waiting;
      if (flight === waiting) waiting = [];
      await fly(deps, flight);
    }
    flying = false;
  };

  return {
    add(message) {
      if (waiting.length >= MAX_WAITING_MESSAGES) return message.settled(NOT_QUEUED, 0);
      waiting.push(message);
      if (!flying) void takeOff();
    },
  };
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
      message.settled(maybeStored && reply.fate === NOT_QUEUED ? UNKNOWN : reply.fate, reply.seq);
    }),
  );
}
