import { hotAuctionMix } from "../bid-mix.ts";
import type { CreateAuction } from "../../../shared/terms.ts";
import { AUCTION_LIFE_MS, type BenchLot, benchTerms, bidEnvelope, createEnvelope } from "../envelopes.ts";
import type { LogWriter, LotEnvelope } from "../log-writer.ts";
import type { Records } from "../records.ts";

export const BIDS_PER_ENVELOPE = 20;

/** A new core has migrations and claims before its first commit. */
const CREATED_TIMEOUT_MS = 30_000;

/** Opens the lots through the log, as the edge would, and waits until they are committed. */
export async function openLots(
  log: LogWriter,
  records: Records,
  lots: { sellerId: string; all: readonly BenchLot[]; terms?: CreateAuction },
): Promise<void> {
  const { sellerId, terms = benchTerms(Date.now() + AUCTION_LIFE_MS) } = lots;
  const creates = lots.all.map((lot) => ({
    lot,
    envelope: createEnvelope({ sellerId, key: lot.key, terms }),
  }));
  await records.applied(await log.publish(creates), CREATED_TIMEOUT_MS);
}

/**
 * Envelopes of 20 bids for the lots in turn, each lot with its own hot-auction mix. Generated while they are
 * published: nobody measures that.
 */
export function* bidEnvelopes(lots: readonly BenchLot[], bids: number): Generator<LotEnvelope> {
  const mixes = lots.map((lot) => ({ lot, mix: hotAuctionMix(lot.auctionId) }));
  for (let made = 0, turn = 0; made < bids; made += BIDS_PER_ENVELOPE, turn++) {
    const next = mixes[turn % mixes.length];
    if (next === undefined) return;
    yield { lot: next.lot, envelope: bidEnvelope(next.mix.take(BIDS_PER_ENVELOPE)) };
  }
}

/** Whole envelopes only. */
export const wholeEnvelopes = (bids: number): number =>
  Math.ceil(bids / BIDS_PER_ENVELOPE) * BIDS_PER_ENVELOPE;
