import * as z from "zod";
import { decideMixes, type DecideMixName } from "../decide-mixes.ts";

const names = Object.keys(decideMixes) as [DecideMixName, ...DecideMixName[]];

export const decideJobSchema = z.strictObject({
  mix: z.enum(names),
  warmUpSeconds: z.number().min(0),
  windowSeconds: z.number().positive(),
  windows: z.int().min(1),
});

export const decideReportSchema = z.strictObject({
  /** Name and version. */
  runtime: z.string(),
  /** Bids a second, one figure for each window. */
  rates: z.array(z.number()),
  acceptedShare: z.number(),
});

export type DecideJob = z.infer<typeof decideJobSchema>;
export type DecideReport = z.infer<typeof decideReportSchema>;
