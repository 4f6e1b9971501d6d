import * as z from "zod";

/** What the driver asks of the load process, as the first line of its stdin; the line `stop` ends the bidding. */
export const loadJobSchema = z.object({
  edgeUrl: z.string(),
  seed: z.int(),
  /** Where what the clients were told is written. */
  folder: z.string(),
  /** Auctions at the same time. */
  rooms: z.int().min(1),
  biddersPerRoom: z.int().min(1),
  /** Mean pause of a bidder between an outcome and the next bid. */
  thinkMs: z.number(),
  /** How long auctions run, least and most. */
  lifeMs: z.tuple([z.int(), z.int()]),
  /** From `stop` on, the longest that a client goes on asking for an outcome. */
  patienceMs: z.int(),
  bidders: z.array(z.object({ id: z.string(), token: z.string() })),
  seller: z.object({ id: z.string(), token: z.string() }),
  operator: z.object({ id: z.string(), token: z.string() }),
});

/** A line of its stdout, once a second and at the end. */
export const loadFiguresSchema = z.object({
  /** Bids that were sent, each counted once. */
  bids: z.int(),
  /** Bids whose client knows that the stream has them: an outcome, or a 202. */
  acknowledged: z.int(),
  decided: z.int(),
  accepted: z.int(),
  /** Refused with the word that they are in no log, and not sent again. */
  refused: z.int(),
  /** Attempts beyond the first. */
  retries: z.int(),
  /** Bids that are without an outcome now. */
  open: z.int(),
  auctions: z.int(),
  /** Auctions that nobody bids on any more, since the line before. */
  retired: z.array(z.string()),
  socketsLost: z.int(),
  /** Bids on a living socket that stayed without an answer for so long that they were sent again. */
  silent: z.int(),
  /** Attempts by what they were answered, where that was neither an outcome nor a 202. */
  answers: z.record(z.string(), z.int()),
  ended: z.boolean(),
});

export type LoadJob = z.infer<typeof loadJobSchema>;
export type LoadFigures = z.infer<typeof loadFiguresSchema>;
