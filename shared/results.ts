import * as z from "zod";
import { auctionLiveSchema, auctionViewSchema } from "./auctions.ts";
import { type Outcome, outcomeDetailSchema, outcomeSchema } from "./outcomes.ts";
import { WIRE_VERSION } from "./wire-version.ts";

const step = { version: z.int(), at: z.int() };

/** What watchers may learn of one version step; bidders by alias. */
export const publicEventSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("created"), ...step }),
  z.object({ type: z.literal("opened"), ...step }),
  /** `amount` is null where it is nobody's business yet (sealed). `automatic`: the engine answered for a maximum. */
  z.object({
    type: z.literal("bid"),
    ...step,
    bidder: z.string(),
    amount: z.int().nullable(),
    automatic: z.literal(true).optional(),
  }),
  /** Dutch: what a unit costs from now on. */
  z.object({ type: z.literal("price"), ...step, price: z.int() }),
  /** Units were ordered, at `price` each; by several bidders at once when there is no `bidder`. */
  z.object({
    type: z.literal("sold"),
    ...step,
    bidder: z.string().nullable(),
    quantity: z.int(),
    price: z.int(),
  }),
  z.object({ type: z.literal("waitlisted"), ...step, quantity: z.int() }),
  /** So many orders were paid for, given up or not paid in time. */
  z.object({
    type: z.literal("settled"),
    ...step,
    status: z.enum(["confirmed", "released", "expired"]),
    orders: z.int(),
  }),
  /** By an accepted bid in the soft-close window. */
  z.object({ type: z.literal("extended"), ...step, endsAt: z.int() }),
  z.object({ type: z.literal("end_changed"), ...step, endsAt: z.int(), reason: z.string() }),
  /** A bidder's bids were withdrawn; the live fields of the frame say who leads now. */
  z.object({ type: z.literal("retracted"), ...step, bidder: z.string(), reason: z.string() }),
  /** Something administrative that only concerns one bidder. */
  z.object({ type: z.literal("administered"), ...step }),
  z.object({
    type: z.literal("closed"),
    ...step,
    winner: z.string().nullable(),
    price: z.int().nullable(),
  }),
  z.object({ type: z.literal("cancelled"), ...step, reason: z.string() }),
]);

/**
 * An outcome as it travels: without what the result around it says for all of them. Half of a hot auction's result is
 * outcomes, and bytes are what publishing them costs.
 */
export const wireOutcomeSchema = z.object({
  ...outcomeSchema.pick({ actorId: true, key: true, bidId: true, outcome: true, reason: true }).shape,
  ...outcomeSchema.pick({ minimumBid: true, version: true, price: true, leading: true }).shape,
  /** Absent: a bid. */
  kind: z.enum(["create", "manage"]).optional(),
  detail: outcomeDetailSchema.optional(),
  /** Of a retry: the position (sequence, index, time) at which its key was decided first, and the chain's head there. */
  first: z.tuple([z.int(), z.int(), z.int(), z.string().optional()]).optional(),
});

/**
 * One per envelope, published after its commit on `results.<slot>.<auctionId>` with
 * `Nats-Msg-Id = <slot>:<seq>`. It may arrive again after a takeover: feeds dedupe by version, outcomes by (seq, index).
 */
export const resultSchema = z.object({
  v: z.int().min(1).max(WIRE_VERSION),
  auctionId: z.string(),
  seq: z.int(),
  /** The log's clock, milliseconds since the epoch. */
  at: z.int(),
  /** The head of the auction's audit chain after it, for all of its outcomes; see `outcomeSchema`. */
  chain: z.string().optional(),
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
  /** One for each command of the envelope, in its order; null where nobody waits for one. */
  outcomes: z.array(wireOutcomeSchema.nullable()),
});

export type PublicEvent = z.infer<typeof publicEventSchema>;
export type WireOutcome = z.infer<typeof wireOutcomeSchema>;
export type Result = z.infer<typeof resultSchema>;

/** What of a result its outcomes are made of. */
type OutcomesOfResult = Pick<Result, "seq" | "at" | "chain" | "outcomes">;

/** The outcomes of the envelope's commands, in their order, as clients get to see them. */
export function outcomesIn(result: OutcomesOfResult): (Outcome | null)[] {
  return result.outcomes.map((_, place) => outcomeAt(result, place));
}

/** The outcome of the envelope's command at `place`, as clients get to see it. */
export function outcomeAt(result: OutcomesOfResult, place: number): Outcome | null {
  const wire = result.outcomes[place];
  if (wire === undefined || wire === null) return null;
  const { actorId, key, outcome: verdict, version, price, first } = wire;
  const kind = wire.kind ?? "bid";
  const [seq, index, at] = first ?? [result.seq, place, result.at];
  const chain = first === undefined ? result.chain : first[3];
  const outcome: Outcome = { kind, actorId, key, outcome: verdict, seq, index, at, version, price };
  if (chain !== undefined) outcome.chain = chain;
  if (wire.bidId !== undefined) outcome.bidId = wire.bidId;
  if (wire.reason !== undefined) outcome.reason = wire.reason;
  if (wire.minimumBid !== undefined) outcome.minimumBid = wire.minimumBid;
  if (wire.leading !== undefined) outcome.leading = wire.leading;
  if (wire.detail !== undefined) Object.assign(outcome, wire.detail);
  if (first !== undefined) outcome.duplicate = true;
  return outcome;
}
