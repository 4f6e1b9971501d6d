import { expect } from "vitest";
import type { StackInfo } from "../../../infra/local/stack-types.ts";
import { readLedger } from "../../support/ledger.ts";
import { readLog } from "../../support/log-tape.ts";
import type { LoggedMessage } from "../../support/replay.ts";
import type { ToldBid } from "../../support/verdict.ts";

export interface Verdict {
  readonly auctionIds: readonly string[];
  readonly told: readonly ToldBid[];
  /** Messages that the stream no longer has. */
  readonly purged?: readonly LoggedMessage[];
}

/**
 * Of these auctions, every bid in the log stands in Postgres exactly once and no other does, and whoever was told an
 * outcome was told what stands there (I1). What the outcomes had to be is for the suites that replay; these have tens of
 * thousands of bids. Returns the names, by `bidName`, of all bids in the log.
 */
export async function expectNothingLost(
  info: Pick<StackInfo, "nats" | "shards">,
  { auctionIds, told, purged = [] }: Verdict,
): Promise<ReadonlySet<string>> {
  const mine = new Set(auctionIds);
  const tape = [...purged, ...(await readLog(info.nats))];
  const logged = new Set(tape.filter(({ auctionId }) => mine.has(auctionId)).flatMap(bidsIn));
  const bids = (await readLedger(info.shards)).bids.filter(({ auctionId }) => mine.has(auctionId));
  const stored = new Map(bids.map((bid) => [bidName(bid), bid]));
  expect(stored.size, "a bid stands twice").toBe(bids.length);
  expect(stored.size, "the log has others than the shards").toBe(logged.size);
  expect([...logged].filter((name) => !stored.has(name)).slice(0, 5)).toEqual([]);
  const wrong = told.filter(({ auctionId, bidderId, told: { key, outcome, reason, seq, index } }) => {
    const is = stored.get(bidName({ auctionId, bidderId, key }));
    return !(
      is?.outcome === outcome &&
      (is.reason ?? undefined) === reason &&
      is.seq === seq &&
      is.index === index
    );
  });
  expect(wrong.slice(0, 5), `${wrong.length} were told something else`).toEqual([]);
  return logged;
}

export const bidName = ({
  auctionId,
  bidderId,
  key,
}: {
  auctionId: string;
  bidderId: string;
  key: string;
}): string => `${auctionId} ${bidderId} ${key}`;

function bidsIn({ auctionId, data }: LoggedMessage): string[] {
  const { commands } = JSON.parse(new TextDecoder().decode(data)) as {
    commands: { type: string; bidderId: string; key: string }[];
  };
  return commands.flatMap(({ type, bidderId, key }) =>
    type === "bid" ? [bidName({ auctionId, bidderId, key })] : [],
  );
}
