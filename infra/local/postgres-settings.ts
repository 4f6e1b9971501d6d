import postgres from "postgres";

export const POSTGRES_USER = "lastcall";
export const POSTGRES_DATABASE = "lastcall";

/**
 * A bidding burst is one long run of inserts: few, late checkpoints keep full-page images out of its way, and jit only
 * costs start-up time on statements this short. Durability (fsync, synchronous_commit) stays as strict as by default.
 */
export const SETTINGS = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "100",
  shared_buffers: process.env.LASTCALL_PG_SHARED_BUFFERS ?? "512MB",
  max_wal_size: "4GB",
  min_wal_size: "512MB",
  checkpoint_timeout: "15min",
  wal_buffers: "32MB",
  jit: "off",
  autovacuum: "on",
  autovacuum_naptime: "10s",
  fsync: "on",
  synchronous_commit: "on",
  log_min_messages: "warning",
};

/** True once the shard's database can be used; creates it the first time. */
export async function databaseAnswers(url: string): Promise<boolean> {
  const admin = new URL(url);
  admin.pathname = "/postgres";
  const sql = postgres(admin.href, { max: 1, connect_timeout: 2, onnotice: () => {} });
  try {
    const [found] = await sql`select 1 from pg_database where datname = ${POSTGRES_DATABASE}`;
    if (found === undefined) await sql.unsafe(`create database ${POSTGRES_DATABASE}`);
    return true;
  } catch (error) {
    if (isNotUpYet(error)) return false;
    throw error;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** Refused, or answered with "the database system is starting up". */
function isNotUpYet(error: unknown): boolean {
  const code = (error as { code?: string }).code ?? "";
  return ["ECONNREFUSED", "ECONNRESET", "CONNECT_TIMEOUT", "CONNECTION_CLOSED", "57P03"].includes(code);
}
