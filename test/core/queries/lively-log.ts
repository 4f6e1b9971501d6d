import { alice, bid, bob, carol, create, START_MS, tick } from "../../support/builders.ts";
import type { StoredLog } from "../../support/decision-log.ts";
import type { QueryCluster } from "./query-cluster.ts";

/** An auction with bids of every fate, in envelopes of several. */
export async function livelyLog(cluster: QueryCluster): Promise<StoredLog> {
  const log = cluster.log();
  await log.append([bid(bob, 900, "too-early")], START_MS - 1);
  await log.append([create()], START_MS);
  await log.append([bid(alice, 1_000, "a1"), bid(bob, 1_050, "b1"), bid(carol, 1_200, "c1")], START_MS + 1);
  await log.append([tick], START_MS + 2);
  await log.append([bid(alice, 1_000, "a1"), bid(alice, 7_000, "a1"), { type: "nonsense" }], START_MS + 3);
  await log.append([bid(bob, 1_300, "b2"), bid(bob, 1_300, "b2"), bid(alice, 1_400, "a2")], START_MS + 4);
  return log;
}

/** The bids that the log decided, oldest first. */
export const decidedBids = (log: StoredLog) =>
  log.history().flatMap(({ decision, position }) =>
    decision.entries.flatMap((entry, index) => {
      const own =
        entry.kind === "bid" && entry.outcome !== "duplicate" && entry.reason !== "idempotency_key_reused";
      return own ? [{ entry, seq: position.seq, index, at: position.atMs }] : [];
    }),
  );
