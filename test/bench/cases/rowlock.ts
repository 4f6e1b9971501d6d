import postgres from "postgres";
import { START_PRICE_MINOR } from "../bid-mix.ts";
import { runLoad } from "../child.ts";
import { type CaseFigures, rounded } from "../figures.ts";
import { ROWLOCK_SCHEMA, type RowlockReport, rowlockReportSchema } from "../load/rowlock-job.ts";
import type { StackCase, StackContext } from "./case.ts";

const CLIENTS = [1, 32, 100] as const;
const WARM_UP_SECONDS = 2;

/** Connecting a hundred clients, and the queue of those that wait for the lock when the time is over. */
const AROUND_SECONDS = 30;

/**
 * What Lastcall is measured against: a row lock for each bid, on the stack's own Postgres and with its durability. No
 * core runs meanwhile, so that the baseline has the machine to itself.
 */
export const rowlock: StackCase = {
  name: "rowlock",
  about:
    "the baseline: select … for update, insert, update, commit for each bid on one lot; 1, 32 and 100 clients",
  needs: "core",
  limitSeconds: ({ seconds }) => CLIENTS.length * (WARM_UP_SECONDS + seconds + AROUND_SECONDS),
  bars: [
    { figure: "end_to_end_x", atLeast: 10, unit: "×" },
    { figure: "sequencer_x", atLeast: 100, unit: "×" },
  ],
  run: runRowlock,
};

async function runRowlock({ stack, options, progress, signal }: StackContext): Promise<CaseFigures> {
  const [url] = stack.shardUrls;
  if (url === undefined) throw new Error("the stack has no shard");
  await stack.stopCores();
  await withSql(url, createTables);
  const reports: RowlockReport[] = [];
  for (const clients of CLIENTS) {
    progress(`locking the row from ${clients} client${clients === 1 ? "" : "s"}`);
    const job = { url, clients, warmUpSeconds: WARM_UP_SECONDS, measureSeconds: options.seconds };
    reports.push(await runLoad({ script: "rowlock-load.ts", job, report: rowlockReportSchema }, signal));
  }
  const committed = reports.reduce((sum, report) => sum + report.committed, 0);
  const rows = await withSql(url, countAndDrop);
  const rates = reports.map((report) => rounded(report.measured / report.measuredSeconds));
  const crowd = reports[CLIENTS.indexOf(100)];
  if (crowd === undefined) throw new Error("the run with 100 clients is missing");
  return {
    rate: rates[CLIENTS.indexOf(100)] ?? null,
    p50_ms: rounded(crowd.p50Ms),
    p99_ms: rounded(crowd.p99Ms),
    lost: committed - rows,
    ...Object.fromEntries(CLIENTS.map((clients, i) => [`rate_${clients}`, rates[i] ?? null])),
  };
}

/** A connection only while it is needed: with the default `max_connections` the hundred clients leave no other room. */
async function withSql<Result>(url: string, work: (sql: postgres.Sql) => Promise<Result>): Promise<Result> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 2 });
  }
}

async function createTables(sql: postgres.Sql): Promise<void> {
  await sql.unsafe(`
    drop schema if exists ${ROWLOCK_SCHEMA} cascade;
    create schema ${ROWLOCK_SCHEMA};
    set search_path = ${ROWLOCK_SCHEMA};
    create table lots (id int primary key, price bigint not null, leader text, bid_count bigint not null default 0)
      with (fillfactor = 20);
    create table bids (bid_id uuid primary key, lot_id int not null, bidder_id text not null, amount bigint not null,
      at timestamptz not null default now());
    insert into lots (id, price) values (1, ${START_PRICE_MINOR});
  `);
}

async function countAndDrop(sql: postgres.Sql): Promise<number> {
  const [row] = await sql.unsafe<{ rows: number }[]>(
    `select count(*)::int as rows from ${ROWLOCK_SCHEMA}.bids`,
  );
  await sql.unsafe(`drop schema ${ROWLOCK_SCHEMA} cascade`);
  return row?.rows ?? 0;
}
