import type postgres from "postgres";

/** Months made ahead, so that neither a long holiday nor a stopped timer meets a month without a partition. */
const MONTHS_AHEAD = 3;

/** The partition of what was created at `atMs`: its UTC month as yyyymm. */
export function monthOf(atMs: number): number {
  const date = new Date(atMs);
  return date.getUTCFullYear() * 100 + date.getUTCMonth() + 1;
}

/** Makes the partitions of this month and the coming ones; repeats are free. */
export async function createPartitions(sql: postgres.Sql, nowMs: number): Promise<void> {
  const now = new Date(nowMs);
  for (let ahead = 0; ahead <= MONTHS_AHEAD; ahead++) {
    const month = monthOf(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead));
    // A tuple stays whole up to a page: an envelope's record is read as one piece.
    await sql.unsafe(
      `create table if not exists decision_log_${month} partition of decision_log for values in (${month}) with (toast_tuple_target = 8160)`,
    );
  }
}
