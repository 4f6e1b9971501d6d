import { createHmac, randomBytes } from "node:crypto";

/** The convention asks for 24 to 64 bytes; 32 are what HMAC-SHA256 can use. */
const SECRET_BYTES = 32;
const SECRET_PREFIX = "whsec_";

export const newWebhookSecret = (): string => SECRET_PREFIX + randomBytes(SECRET_BYTES).toString("base64");

export interface SignedMessage {
  readonly id: string;
  /** When this attempt is made: a receiver refuses an old one, so that nobody can send it again. */
  readonly atMs: number;
  readonly body: string;
}

/**
 * The headers of the Standard Webhooks convention. `id.timestamp.body` can be read in one way only, although our ids have
 * a dot: they end in a status, and what follows is digits.
 */
export function signatureHeaders(secret: string, { id, atMs, body }: SignedMessage): Record<string, string> {
  const timestamp = String(Math.floor(atMs / 1_000));
  const key = Buffer.from(secret.slice(SECRET_PREFIX.length), "base64");
  const signature = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": `v1,${signature}` };
}
