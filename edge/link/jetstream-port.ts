import { headers, type Msg, type NatsConnection } from "nats";
import { ACKED, NOT_QUEUED, UNKNOWN } from "./pipe-protocol.ts";
import type { BatchReply, Outgoing, Refusal, SingleReply } from "./publisher.ts";

/** How long the server may take to fsync and answer. Longer than any healthy disk, shorter than a bidder's patience. */
export const ACK_TIMEOUT_MS = 3_000;

interface PubAck {
  stream?: string;
  seq?: number;
  count?: number;
  error?: { code: number; err_code?: number; description?: string };
}

/**
 * The publishing half of JetStream on a plain connection. The client library's own publisher awaits the first message
 * of each batch and retries by itself; here the fate of every message must be known exactly.
 */
export async function publishSingle(connection: NatsConnection, message: Outgoing): Promise<SingleReply> {
  const head = headers();
  head.set("Nats-Msg-Id", message.id);
  try {
    const reply = await connection.request(message.subject, message.payload, {
      headers: head,
      timeout: ACK_TIMEOUT_MS,
    });
    const ack = readAck(reply);
    if (ack.seq !== undefined && ack.error === undefined) return { fate: ACKED, seq: ack.seq };
    // An error in the ack means that the server did not store it: the stream is full, read-only, or gone.
    return { fate: NOT_QUEUED, seq: 0, refusal: refusalIn(ack) };
  } catch (error) {
    return isNoResponders(error)
      ? { fate: NOT_QUEUED, seq: 0, refusal: NO_STREAM }
      : { fate: UNKNOWN, seq: 0 };
  }
}

export async function publishBatch(connection: NatsConnection, messages: Outgoing[]): Promise<BatchReply> {
  const batchId = crypto.randomUUID();
  const last = messages.length - 1;
  try {
    for (let i = 0; i < last; i++) {
      const message = messages[i] as Outgoing;
      connection.publish(message.subject, message.payload, {
        headers: batchHead(batchId, i + 1, message.id),
      });
    }
    const message = messages[last] as Outgoing;
    const head = batchHead(batchId, messages.length, message.id);
    head.set("Nats-Batch-Commit", "1");
    const reply = await connection.request(message.subject, message.payload, {
      headers: head,
      timeout: ACK_TIMEOUT_MS,
    });
    const ack = readAck(reply);
    if (ack.error !== undefined || ack.seq === undefined) return { fate: "refused" };
    return ack.count === messages.length ? { fate: "applied", seq: ack.seq } : { fate: "unknown" };
  } catch (error) {
    return { fate: isNoResponders(error) ? "refused" : "unknown" };
  }
}

/** Whether the server, asked for the stream, says that it takes atomic batches; an old one drops the option silently. */
export async function allowsAtomicBatches(connection: NatsConnection, stream: string): Promise<boolean> {
  const reply = await connection.request(`$JS.API.STREAM.INFO.${stream}`, "", { timeout: ACK_TIMEOUT_MS });
  const info = JSON.parse(reply.string()) as { config?: { allow_atomic?: boolean } };
  return info.config?.allow_atomic === true;
}

function batchHead(batchId: string, sequence: number, messageId: string): ReturnType<typeof headers> {
  const head = headers();
  head.set("Nats-Batch-Id", batchId);
  head.set("Nats-Batch-Sequence", String(sequence));
  head.set("Nats-Msg-Id", messageId);
  return head;
}

const NO_STREAM: Refusal = { code: 503, description: "no stream listens on the subject" };

function refusalIn({ error }: PubAck): Refusal {
  return {
    code: error?.err_code ?? error?.code ?? 0,
    description: error?.description ?? "the answer was no acknowledgement",
  };
}

function readAck(reply: Msg): PubAck {
  return reply.data.length === 0 ? {} : (JSON.parse(reply.string()) as PubAck);
}

/** Nobody listened on the subject, so nobody stored it. */
export function isNoResponders(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const cause: unknown = error.cause;
  return error.name === "NoRespondersError" || (cause instanceof Error && cause.name === "NoRespondersError");
}
