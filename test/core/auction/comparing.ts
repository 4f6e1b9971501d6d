import type { Auction } from "../../../core/auction/auction.ts";
import { renderAuction } from "../../../core/auction/render.ts";
import type { NaiveDecision } from "../../support/naive-auction.ts";
import type { ReplayedAuction } from "../../support/replay.ts";

interface Comparable {
  kind: string;
  actorId: string | undefined;
  key: string | undefined;
  outcome: string;
  reason: string | undefined;
  minimumBid: number | undefined;
  at: number;
  seq: number;
  index: number;
  version: number;
  price: number | null;
  of: readonly [number, number] | undefined;
}

/** What both readings of the rules must agree on, entry by entry. */
export const comparable = (
  entry: Partial<Comparable> & Omit<Comparable, "actorId" | "key" | "reason" | "minimumBid" | "of">,
): Comparable => ({
  kind: entry.kind,
  actorId: entry.actorId,
  key: entry.key,
  outcome: entry.outcome,
  reason: entry.reason,
  minimumBid: entry.minimumBid,
  at: entry.at,
  seq: entry.seq,
  index: entry.index,
  version: entry.version,
  price: entry.price,
  of: entry.of,
});

export const comparableNaive = ({ first, ...decision }: NaiveDecision): Comparable =>
  comparable({ ...decision, ...(first && { of: [first.seq, first.index] as const }) });

/** What the clients must be told, one for every bid and create: a retry hears of the first decision. */
export function expectedOutcomes({ decisions }: ReplayedAuction): unknown[] {
  return decisions
    .filter(({ kind }) => kind === "bid" || kind === "create")
    .map((decision) => {
      const { kind, actorId, key, outcome, reason, minimumBid, seq, index, at, version, price } =
        decision.first ?? decision;
      return {
        kind,
        actorId,
        key,
        outcome,
        seq,
        index,
        at,
        version,
        price,
        ...(reason !== undefined && { reason }),
        ...(minimumBid !== undefined && { minimumBid }),
        ...(decision.first !== undefined && { duplicate: true }),
        ...(kind === "bid" && { leading: outcome === "accepted" }),
      };
    });
}

export function closing(auction: Auction | null): unknown {
  if (auction === null) return null;
  const { status, version, price, bidCount } = renderAuction(auction);
  const leaders = auction.book.leaders.map(({ bidderId, amountMinor: amount, atMs: at }) => ({
    bidderId,
    amount,
    at,
  }));
  return { status, version, price, bidCount, leaders };
}

export function naiveClosing({ status, version, price, bidCount, leaderboard }: ReplayedAuction): unknown {
  return status === null ? null : { status, version, price, bidCount, leaders: leaderboard };
}
