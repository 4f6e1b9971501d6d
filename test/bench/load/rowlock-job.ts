import * as z from "zod";

/** The one lot that all clients of a row-lock run fight over, in the schema that the case has made. */
export const ROWLOCK_SCHEMA = "bench_rowlock";

export const rowlockJobSchema = z.strictObject({
  url: z.string(),
  clients: z.int().min(1),
  warmUpSeconds: z.number().min(0),
  measureSeconds: z.number().positive(),
});

export const rowlockReportSchema = z.strictObject({
  /** Transactions that committed within the measured seconds. */
  measured: z.int(),
  measuredSeconds: z.number(),
  p50Ms: z.number(),
  p99Ms: z.number(),
  /** All of them, warm-up included. */
  committed: z.int(),
});

export type RowlockJob = z.infer<typeof rowlockJobSchema>;
export type RowlockReport = z.infer<typeof rowlockReportSchema>;
