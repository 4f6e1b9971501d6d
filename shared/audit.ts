import * as z from "zod";
import { auctionStatusSchema } from "./auctions.ts";
import { orderSourceSchema, orderStatusSchema } from "./orders.ts";
import { formatSchema } from "./terms.ts";

/**
 * The version of the audit's own format.
 *
 * History
 * - 1: a header, a line for each envelope, the head.
 */
export const AUDIT_VERSION = 1;

const chainSchema = z.string().regex(/^[0-9a-f]{64}$/);

/** The first line. */
export const auditHeaderSchema = z.object({
  audit: z.literal("lastcall"),
  v: z.literal(AUDIT_VERSION),
  auctionId: z.string(),
  format: formatSchema,
  rules: z.int(),
  /** The auction's terms without its reserve. */
  terms: z.record(z.string(), z.unknown()),
  /** Whether the chain can be checked by anybody. That of rules 1 and 2 hashes secrets, and so only operators can. */
  verifiable: z.boolean(),
  /** Whether every commitment is opened: from the close on. Never of a cancelled auction. */
  revealed: z.boolean(),
  /** How to check the file. */
  how: z.string(),
});

/** What opens the commitment to a field of the command at `index`: `c` is base64url(SHA-256(salt + "/" + value)). */
export const auditRevealSchema = z.object({
  index: z.int(),
  field: z.string(),
  value: z.int(),
  salt: z.string(),
});

/** One envelope of the log, decided: an entry for each of its commands. */
export const auditEnvelopeSchema = z.object({
  seq: z.int(),
  /** The log's clock, milliseconds since the epoch. */
  at: z.int(),
  /**
   * Entries as arrays: kind, outcome, version, price, actor, key, body, reason, minimumBid, events, of, detail, role. Actors
   * and bidders by alias, keys by public id (a bid's is its id), hidden values as `{"c": commitment}`.
   */
  record: z.array(z.array(z.unknown())),
  /** Hex SHA-256 of the previous chain (empty text for the first line), `seq`, `at` and the record's JSON, joined by line feeds. */
  chain: chainSchema.optional(),
  reveals: z.array(auditRevealSchema).optional(),
});

/** The last line. A file without it was cut off. */
export const auditHeadSchema = z.object({
  head: chainSchema.nullable(),
  seq: z.int(),
  version: z.int(),
  status: auctionStatusSchema,
  price: z.int().nullable(),
  /** Alias of who has won; null while nobody has, and in formats with many winners. */
  winner: z.string().nullable(),
  /** The first orders: number, buyer's alias, units, price of a unit, source, status. */
  orders: z.array(z.tuple([z.int(), z.string(), z.int(), z.int(), orderSourceSchema, orderStatusSchema])),
  /** Orders placed in all. */
  orderCount: z.int(),
  /** Lines of envelopes. */
  lines: z.int(),
});

/** Orders that the head lists; a drop may have hundreds of thousands. */
export const MAX_HEAD_ORDERS = 1_000;

export type AuditHeader = z.infer<typeof auditHeaderSchema>;
export type AuditReveal = z.infer<typeof auditRevealSchema>;
export type AuditEnvelope = z.infer<typeof auditEnvelopeSchema>;
export type AuditHead = z.infer<typeof auditHeadSchema>;
