import { randomUUID } from "node:crypto";
import postgres from "postgres";
import { INCREMENT_MINOR } from "../bid-mix.ts";
import { createHistogram } from "../histogram.ts";
import { runJob } from "./job.ts";
import { contains, secondsOf, windowFromNow } from "./measured-window.ts";
import { ROWLOCK_SCHEMA, rowlockJobSchema } from "./rowlock-job.ts";

await runJob(rowlockJobSchema, async (job) => {
  const sql = postgres(job.url, {
    max: job.clients,
    onnotice: () => {},
    connection: { search_path: ROWLOCK_SCHEMA, application_name: "bench-rowlock" },
  });
  const clients = await Promise.all(Array.from({ length: job.clients }, () => sql.reserve()));
  const window = windowFromNow(job);
  const latencies = createHistogram();
  let committed = 0;
  await Promise.all(
    clients.map(async (client, number) => {
      while (performance.now() < window.endMs) {
        const startMs = performance.now();
        await bid(client, `bidder-${number}`);
        const endMs = performance.now();
        committed++;
        if (contains(window, endMs)) latencies.record(endMs - startMs);
      }
      client.release();
    }),
  );
  await sql.end({ timeout: 2 });
  const { p50Ms, p99Ms } = latencies.summary();
  return { measured: latencies.count, measuredSeconds: secondsOf(window), p50Ms, p99Ms, committed };
});

/**
 * The usual way: lock the lot, look at its price, write the bid and the new price, commit. Prepared statements, one round
 * trip each. Every bid is accepted: it offers more than the price that it has just locked.
 */
async function bid(client: postgres.ReservedSql, bidderId: string): Promise<void> {
  await client`begin`;
  const [lot] = await client<
    { price: number }[]
  >`select price::float8 as price from lots where id = 1 for update`;
  if (lot === undefined) throw new Error("the lot is gone");
  const amount = lot.price + INCREMENT_MINOR;
  await client`insert into bids (bid_id, lot_id, bidder_id, amount) values (${randomUUID()}, 1, ${bidderId}, ${amount})`;
  await client`update lots set price = ${amount}, leader = ${bidderId}, bid_count = bid_count + 1 where id = 1`;
  await client`commit`;
}
