import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import * as schema from "./schema.ts";

/** One Postgres database of the cluster: `sql` for the bulk statements, `db` for everything Drizzle can say. */
export interface Shard {
  /** Its place in the configured list; names it in logs and metrics. */
  readonly number: number;
  readonly sql: postgres.Sql;
  readonly db: PostgresJsDatabase<typeof schema>;
}

/** Connections of one instance to one shard: one commits, the others load, renew and answer queries. */
const CONNECTIONS = 6;

/** Longer than any healthy statement of ours; after it the server gives up and the caller retries or stops. */
const STATEMENT_TIMEOUT_MS = 10_000;

/** A slot's row is only ever locked for one commit; waiting longer than this means that its holder hangs. */
const LOCK_TIMEOUT_MS = 2_000;

/**
 * A start-up message of a kilobyte is written at once. A shorter one waits for a timer that postgres.js 3.4.9 takes for
 * scheduled for ever when a connection has closed between two writes: that connection then times out at every attempt,
 * and with it whatever query it is given (porsager/postgres, pull request 1209). The server keeps it as an unknown setting.
 */
const STARTUP_PADDING = { "lastcall.startup_padding": ".".repeat(1_024) };

export function connectShard(url: string, number: number): Shard {
  const sql = postgres(url, {
    max: CONNECTIONS,
    connect_timeout: 5,
    backoff: (attempt) => Math.min(0.1 * 2 ** attempt, 1),
    onnotice: () => {},
    connection: {
      ...STARTUP_PADDING,
      application_name: "lastcall-core",
      statement_timeout: STATEMENT_TIMEOUT_MS,
      lock_timeout: LOCK_TIMEOUT_MS,
      idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS,
    },
  });
  return { number, sql, db: drizzle(sql, { schema }) };
}
