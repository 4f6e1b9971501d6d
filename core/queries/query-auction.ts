import type { AuctionState } from "../auction/auction.ts";
import { renderAuction, renderLeaderboard } from "../auction/render.ts";
import type { Shard } from "../shards/connect.ts";
import { type QueryHandler, shardFor } from "./query-handler.ts";

/** How long a reader waits for a write that is on its way; the caller's own deadline is beyond it. */
const MAX_WAIT_MS = 1_000;
const FIRST_POLL_MS = 10;

/**
 * The auction as committed, or null. With `minVersion`, waits up to a second for that version and then answers with what
 * there is: the asker compares versions. When too many wait already, it answers at once.
 */
export const queryAuction: QueryHandler<"auction"> = async (deps, { auctionId, minVersion = 0 }) => {
  const shard = shardFor(deps, auctionId);
  let auction = await readAuction(shard, auctionId);
  if ((auction?.version ?? 0) < minVersion) {
    const giveBack = deps.takeWaitingPlace();
    if (giveBack !== undefined) {
      try {
        auction = await awaitVersion(shard, { auctionId, minVersion });
      } finally {
        giveBack();
      }
    }
  }
  return auction === null
    ? null
    : { auction: renderAuction(auction), leaderboard: renderLeaderboard(auction) };
};

async function readAuction({ sql }: Shard, auctionId: string): Promise<AuctionState | null> {
  const [row] = await sql<
    { state: AuctionState }[]
  >`select state from auctions where auction_id = ${auctionId}`;
  return row?.state ?? null;
}

/** Polls with growing pauses: a commit is a few milliseconds away, or something is wrong and haste would only add to it. */
async function awaitVersion(
  shard: Shard,
  want: { auctionId: string; minVersion: number },
): Promise<AuctionState | null> {
  const deadlineMs = performance.now() + MAX_WAIT_MS;
  for (let pauseMs = FIRST_POLL_MS; ; pauseMs *= 2) {
    const leftMs = deadlineMs - performance.now();
    await new Promise((resolve) => setTimeout(resolve, Math.min(pauseMs, Math.max(leftMs, 0))));
    const auction = await readAuction(shard, want.auctionId);
    if ((auction?.version ?? 0) >= want.minVersion || pauseMs >= leftMs) return auction;
  }
}
