import { createInterface } from "node:readline";
import type * as z from "zod";

/**
 * A load generator is a process of its own, run by Bun: its WebSocket and fetch clients cost less than half of Node's
 * per message, and the generator shares the machine with what it measures. It gets one job as a line of JSON on
 * stdin, answers with one line on stdout, and ends when its stdin does: it never outlives the benchmark.
 */
export async function runJob<Job, Report>(
  schema: z.ZodType<Job>,
  work: (job: Job) => Promise<Report>,
): Promise<void> {
  const lines = createInterface({ input: process.stdin });
  const job = await new Promise<Job>((resolve, reject) => {
    lines.once("line", (line) => {
      const parsed = schema.safeParse(JSON.parse(line));
      if (parsed.success) resolve(parsed.data);
      else reject(parsed.error);
    });
    lines.once("close", () => process.exit(1));
  });
  const report = await work(job);
  process.stdout.write(`${JSON.stringify(report)}\n`, () => process.exit(0));
}
