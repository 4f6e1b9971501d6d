import { decideMixes } from "../decide-mixes.ts";
import { decider, type Pass } from "../deciding.ts";
import { decideJobSchema } from "./decide-job.ts";
import { runJob } from "./job.ts";

/** Decides one mix over and over, and reports how fast; a process for each mix, so that none is measured with another's compiled code. */
await runJob(decideJobSchema, async (job) => {
  const decide = decider(decideMixes[job.mix]());
  const warmUp = window(decide, job.warmUpSeconds);
  const rates = Array.from({ length: job.windows }, () => window(decide, job.windowSeconds).rate);
  const { version, accepted, bids } = warmUp.last;
  if (decide().version !== version)
    throw new Error("two passes over the same bids have come to different ends");
  const runtime = `bun ${process.versions["bun"] ?? "is not running this"}`;
  return Promise.resolve({ runtime, rates, acceptedShare: accepted / bids });
});

/** Whole passes until `seconds` of deciding have passed. */
function window(decide: () => Pass, seconds: number): { rate: number; last: Pass } {
  let last = decide();
  let bids = last.bids;
  let spent = last.seconds;
  while (spent < seconds) {
    last = decide();
    bids += last.bids;
    spent += last.seconds;
  }
  return { rate: bids / spent, last };
}
