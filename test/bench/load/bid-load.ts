import * as z from "zod";

/** A bidder of a load run: one connection with its own token, bidding on one auction. */
const loadBidderSchema = z.strictObject({ bidderId: z.string(), token: z.string(), auctionId: z.string() });

/** Closed: each bidder keeps so many bids unanswered. Open: so many bids a second leave, over all bidders in turn. */
const loadShapeSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("closed"), inFlightPerBidder: z.int().min(1) }),
  z.strictObject({ kind: z.literal("open"), ratePerSecond: z.number().positive() }),
]);

/** What `websocket-load.ts` and `http-load.ts` are told. */
export const bidLoadJobSchema = z.strictObject({
  edgeUrl: z.string(),
  bidders: z.array(loadBidderSchema).min(1),
  shape: loadShapeSchema,
  warmUpSeconds: z.number().min(0),
  measureSeconds: z.number().positive(),
  /** After the last bid: how long outcomes may still arrive. Ends early when none is missing. */
  drainSeconds: z.number().positive(),
});

const countsSchema = z.record(z.string(), z.int());

/** What they answer. Bids of the warm-up are in the totals, not in the measured figures. */
export const bidLoadReportSchema = z.strictObject({
  /** Decided bids, within the measured seconds. */
  measured: z.int(),
  measuredSeconds: z.number(),
  /** Of an open loop: of the bids meant for the measured seconds. Null when nothing was decided. */
  p50Ms: z.number().nullable(),
  p99Ms: z.number().nullable(),
  maxMs: z.number().nullable(),
  /** Open loop: how late the generator itself sent; part of the latencies above. */
  sendLagP99Ms: z.number().nullable(),
  sent: z.int(),
  accepted: z.int(),
  tooLow: z.int(),
  /** Decided, but with an outcome that no bid of ours should get; not in `measured`. */
  unexpected: countsSchema,
  /** Not queued, and said so with a reason; not in `measured`. */
  refused: countsSchema,
  /** Requests that ended without a reply, by their message; they are unanswered bids. */
  failures: countsSchema,
  /** 202: queued, and left to be decided later; not in `measured`. */
  pending: z.int(),
  /** Sent, and neither decided nor refused by the end of the drain. */
  unanswered: z.int(),
  /** Bids that must be in Postgres. */
  acknowledgedByBidder: countsSchema,
  closedConnections: z.int(),
  /** What the generator itself took of one core, over its whole life. */
  cpuShare: z.number(),
  /** Feed frames that the watchers were sent meanwhile. */
  updates: z.int(),
});

export type LoadBidder = z.infer<typeof loadBidderSchema>;
export type LoadShape = z.infer<typeof loadShapeSchema>;
export type BidLoadJob = z.infer<typeof bidLoadJobSchema>;
export type BidLoadReport = z.infer<typeof bidLoadReportSchema>;
