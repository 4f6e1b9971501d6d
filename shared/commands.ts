import * as z from "zod";
import { bidBodySchema } from "./bids.ts";
import { idempotencyKeySchema, idSchema } from "./ids.ts";
import { manageBodySchema } from "./manage.ts";
import { createAuctionSchema } from "./terms.ts";
import { WIRE_VERSION } from "./wire-version.ts";

/** W3C `traceparent` of the request that carried the command; present only when that trace is sampled. */
const traceSchema = z.string().max(64).optional();

/**
 * The newest rules there are: what a new auction opens with. `core/auction` decides by the rules of the auction at hand.
 *
 * History
 * - 1: english auctions, plain bids.
 * - 2: every format; a close with a winner places an order.
 * - 3: decides as 2; the audit chain hashes what may be shown, and the role of owners, operators and buyers is on record.
 */
export const RULES_VERSION = 3;

const saltSchema = z.string().regex(/^[A-Za-z0-9_-]{16,64}$/);

export const bidCommandSchema = z.strictObject({
  type: z.literal("bid"),
  bidderId: idSchema,
  key: idempotencyKeySchema,
  body: bidBodySchema,
  trace: traceSchema,
});

export const createCommandSchema = z.strictObject({
  type: z.literal("create"),
  sellerId: idSchema,
  key: idempotencyKeySchema,
  body: createAuctionSchema,
  /** The rules that the auction opens with and keeps for its life; in the log, so that a later core replays it by the same. */
  rules: z.int().min(1).max(RULES_VERSION),
  /** Random, chosen by the edge: makes the bidders' aliases of this auction unguessable and still replayable. */
  aliasSalt: saltSchema,
  /** Random, chosen by the edge: secret amounts enter the audit chain as commitments under it. Absent in the oldest logs. */
  secretSalt: saltSchema.optional(),
  trace: traceSchema,
});

/** What sellers, operators and buyers ask beside bidding. `role` is the one that the token was admitted for. */
export const manageCommandSchema = z.strictObject({
  type: z.literal("manage"),
  actorId: idSchema,
  role: z.enum(["bidder", "seller", "operator"]),
  key: idempotencyKeySchema,
  body: manageBodySchema,
  trace: traceSchema,
});

/** Says only "look at your deadlines"; the log's clock decides which of them have passed. */
export const tickCommandSchema = z.strictObject({ type: z.literal("tick") });

export const commandSchema = z.discriminatedUnion("type", [
  bidCommandSchema,
  createCommandSchema,
  manageCommandSchema,
  tickCommandSchema,
]);

/** Commands in one envelope. Above it an envelope would delay its first command for its last. */
export const MAX_COMMANDS_PER_ENVELOPE = 256;

/** One JetStream message: 1..N commands for one auction, which its subject names, in the order they were sent. */
export const envelopeSchema = z.strictObject({
  v: z.int().min(1).max(WIRE_VERSION),
  /** The envelope's own id, also its `Nats-Msg-Id`: a retried publish keeps it. */
  id: idSchema,
  /** The gateway that gets the outcomes (its Durable Object name); empty for the core's own ticks. */
  origin: z.string().regex(/^[\x21-\x7e]{0,200}$/),
  commands: z.array(commandSchema).min(1).max(MAX_COMMANDS_PER_ENVELOPE),
});

export type BidCommand = z.infer<typeof bidCommandSchema>;
export type CreateCommand = z.infer<typeof createCommandSchema>;
export type ManageCommand = z.infer<typeof manageCommandSchema>;
export type TickCommand = z.infer<typeof tickCommandSchema>;
export type Command = z.infer<typeof commandSchema>;
export type Envelope = z.infer<typeof envelopeSchema>;
