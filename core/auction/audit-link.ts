import type { AuctionState } from "./auction.ts";
import type { EnvelopeDecision } from "./decide-envelope.ts";
import { chainAfter } from "./identity.ts";
import { encodeEntries, encodeTwice } from "./record-codec.ts";
import type { Position } from "./record.ts";

/** The first rules whose chain hashes what may be shown. Older ones hash what is stored: it cannot be shown, so nobody outside can check it. */
const FIRST_SHOWN_RULES = 3;

/** Whether the auction's chain hashes its log's public form, so that its head may be told to anybody. */
export const isShown = <A extends Pick<AuctionState, "rules">>(auction: A | null): auction is A =>
  auction !== null && auction.rules >= FIRST_SHOWN_RULES;

/** An envelope as it is stored, and the head of its auction's chain after it. */
export interface Link {
  readonly record: string;
  readonly chain: string;
}

/**
 * The next link of an auction's audit chain. One whose chain is shown begins it with the envelope that created it: what was
 * refused before there was an auction has neither salts to hide it nor readers.
 */
export function linkAfter(previous: string, decision: EnvelopeDecision, position: Position): Link {
  const { auction, entries, fromVersion } = decision;
  if (!isShown(auction)) {
    const record = encodeEntries(entries);
    return { record, chain: chainAfter(previous, position, record) };
  }
  const { record, shown } = encodeTwice(entries, { auction, seq: position.seq });
  return { record, chain: chainAfter(fromVersion === 0 ? "" : previous, position, shown) };
}

/** The chain's head as it may be told; undefined where it may not: it would let secrets be guessed that were hashed with it. */
export const shownChain = (
  auction: Pick<AuctionState, "rules"> | null,
  chain: string | undefined,
): string | undefined => (isShown(auction) ? chain : undefined);
