import * as z from "zod";
import { auctionLiveSchema, auctionViewSchema } from "./auctions.ts";
import { outcomeSchema } from "./outcomes.ts";
import { WIRE_VERSION } from "./wire-version.ts";

/** What watchers may learn of one version step. */
export const publicEventSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("created"), version: z.int(), at: z.int() }),
  z.object({ type: z.literal("opened"), version: z.int(), at: z.int() }),
  z.object({ type: z.literal("bid"), version: z.int(), at: z.int(), bidder: z.string(), amount: z.int() }),
  z.object({
    type: z.literal("closed"),
    version: z.int(),
    at: z.int(),
    winner: z.string().nullable(),
    price: z.int().nullable(),
  }),
]);

/**
 * One per envelope, published after its commit on `results.<slot>.<auctionId>` with
 * `Nats-Msg-Id = <stream>:<seq>`. It may arrive again after a takeover: feeds dedupe by version, outcomes by (seq, index).
 */
export const resultSchema = z.object({
  v: z.int().min(1).max(WIRE_VERSION),
  auctionId: z.string(),
  seq: z.int(),
  /** The log's clock, milliseconds since the epoch. */
  at: z.int(),
  /** The gateway that sent the envelope, and the envelope's id. */
  origin: z.string(),
  envelopeId: z.string(),
  /** The envelope took the auction from one version to the other; equal when nothing changed. */
  from: z.int(),
  to: z.int(),
  /** The auction at `to`; null when there is no such auction. */
  live: auctionLiveSchema.nullable(),
  /** The whole view, only with the envelope that created the auction. */
  auction: auctionViewSchema.optional(),
  /** One for every version in (from, to]. */
  events: z.array(publicEventSchema),
  outcomes: z.array(outcomeSchema),
});

export type PublicEvent = z.infer<typeof publicEventSchema>;
export type Result = z.infer<typeof resultSchema>;
