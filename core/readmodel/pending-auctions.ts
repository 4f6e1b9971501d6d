import type { AuctionState } from "../auction/auction.ts";

/** What the projector has still to write: the newest state of each auction, or only that it must be erased. */
export interface PendingAuctions {
  put(auction: AuctionState): void;
  /** At most `limit` auctions, the longest waiting first; they no longer wait. */
  take(limit: number): PendingWrite[];
  /** They were not written after all; what has come since is newer and stays. */
  putBack(writes: readonly PendingWrite[]): void;
  readonly size: number;
  /** Auctions so far that nothing is kept of any more; what Redis holds of them may be old until their next event. */
  readonly lost: number;
}

export interface PendingWrite {
  readonly auctionId: string;
  /** Undefined: memory was short and the state has been dropped, so that the auction must be erased. */
  readonly auction: AuctionState | undefined;
}

export interface PendingLimits {
  readonly states: number;
  readonly ids: number;
}

/**
 * Latest wins, within bounds. Above `states` auctions only their ids are kept: erasing a stale entry needs no more, and
 * its reader then asks the core. Above `ids` even these are dropped and counted.
 */
export function createPendingAuctions(limits: PendingLimits): PendingAuctions {
  const waiting = new Map<string, AuctionState | undefined>();
  let states = 0;
  let lost = 0;

  const set = (auctionId: string, auction: AuctionState | undefined): void => {
    const held = waiting.get(auctionId);
    if (held === undefined && !waiting.has(auctionId) && waiting.size >= limits.ids) {
      lost++;
      return;
    }
    const kept = held === undefined && states >= limits.states ? undefined : auction;
    if (held === undefined && kept !== undefined) states++;
    waiting.set(auctionId, kept);
  };

  return {
    put(auction) {
      const held = waiting.get(auction.id);
      if (held === undefined || held.version <= auction.version) set(auction.id, auction);
    },
    take(limit) {
      const writes: PendingWrite[] = [];
      for (const [auctionId, auction] of waiting) {
        if (writes.length === limit) break;
        writes.push({ auctionId, auction });
        waiting.delete(auctionId);
        if (auction !== undefined) states--;
      }
      return writes;
    },
    putBack(writes) {
      for (const { auctionId, auction } of writes) if (!waiting.has(auctionId)) set(auctionId, auction);
    },
    get size() {
      return waiting.size;
    },
    get lost() {
      return lost;
    },
  };
}
