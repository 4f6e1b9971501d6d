import * as z from "zod";
import { createAuctionSchema } from "./auctions.ts";
import { idempotencyKeySchema, idSchema } from "./ids.ts";
import { amountSchema } from "./money.ts";
import { WIRE_VERSION } from "./wire-version.ts";

/** W3C `traceparent` of the request that carried the command; present only when that trace is sampled. */
const traceSchema = z.string().max(64).optional();

/** The newest rules there are: what a new auction opens with. `core/auction` decides by the rules of the auction at hand. */
export const RULES_VERSION = 1;

/** What a bidder sends, by format. This is the canonical body: the same key with another one is refused. */
export const bidBodySchema = z.strictObject({ amount: amountSchema });

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
  aliasSalt: z.string().regex(/^[A-Za-z0-9_-]{16,64}$/),
  trace: traceSchema,
});

/** Says only "look at your deadlines"; the log's clock decides which of them have passed. */
export const tickCommandSchema = z.strictObject({ type: z.literal("tick") });

export const commandSchema = z.discriminatedUnion("type", [
  bidCommandSchema,
  createCommandSchema,
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

export type BidBody = z.infer<typeof bidBodySchema>;
export type BidCommand = z.infer<typeof bidCommandSchema>;
export type CreateCommand = z.infer<typeof createCommandSchema>;
export type TickCommand = z.infer<typeof tickCommandSchema>;
export type Command = z.infer<typeof commandSchema>;
export type Envelope = z.infer<typeof envelopeSchema>;
