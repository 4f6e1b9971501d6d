import * as z from "zod";
import { auctionLiveSchema, auctionViewSchema } from "./auctions.ts";
import { type Outcome, outcomeSchema } from "./outcomes.ts";
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
 * An outcome as it travels: without what the result around it says for all of them. Half of a hot auction's result is
 * outcomes, and bytes are what publishing them costs.
 */
export const wireOutcomeSchema = z.object({
  ...outcomeSchema.pick({ actorId: true, key: true, bidId: true, outcome: true, reason: true }).shape,
  ...outcomeSchema.pick({ minimumBid: true, version: true, price: true }).shape,
  /** Absent: a bid. */
  kind: z.literal("create").optional(),
  /** Of a retry: the position (sequence, index, time) at which its key was decided first. */
  first: z.tuple([z.int(), z.int(), z.int()]).optional(),
});

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
  /** One for each command of the envelope, in its order; null where nobody waits for one. */
  outcomes: z.array(wireOutcomeSchema.nullable()),
});

export type PublicEvent = z.infer<typeof publicEventSchema>;
export type WireOutcome = z.infer<typeof wireOutcomeSchema>;
export type Result = z.infer<typeof resultSchema>;

/** The outcomes of the envelope's commands, in their order, as clients get to see them. */
export function outcomesIn(result: Pick<Result, "seq" | "at" | "outcomes">): (Outcome | null)[] {
  return result.outcomes.map((_, place) => outcomeAt(result, place));
}

/** The outcome of the envelope's command at `place`, as clients get to see it. */
export function outcomeAt(result: Pick<Result, "seq" | "at" | "outcomes">, place: number): Outcome | null {
  const wire = result.outcomes[place];
  if (wire === undefined || wire === null) return null;
  const { actorId, key, outcome: verdict, version, price, first } = wire;
  const kind = wire.kind ?? "bid";
  const [seq, index, at] = first ?? [result.seq, place, result.at];
  const outcome: Outcome = { kind, actorId, key, outcome: verdict, seq, index, at, version, price };
  if (wire.bidId !== undefined) outcome.bidId = wire.bidId;
  if (wire.reason !== undefined) outcome.reason = wire.reason;
  if (wire.minimumBid !== undefined) outcome.minimumBid = wire.minimumBid;
  if (kind === "bid") outcome.leading = verdict === "accepted";
  if (first !== undefined) outcome.duplicate = true;
  return outcome;
}
