import type { AuctionOf } from "./auction.ts";
import type { Story } from "./story.ts";

/**
 * An accepted bid in the last `windowMs` moves the end to at least `extendMs` after itself, by the log's clock, as often
 * as `maxExtensions` allows (Christie's online: a bid in the last minutes extends the lot). Without `softClose` the close is hard.
 */
export function extendIfClosing(auction: AuctionOf<"english">, story: Story): void {
  const { softClose } = auction.terms;
  if (softClose === undefined) return;
  const { endsAtMs, extensions } = auction;
  if (story.atMs < endsAtMs - softClose.windowMs) return;
  if (softClose.maxExtensions !== undefined && extensions >= softClose.maxExtensions) return;
  const extendedMs = Math.max(endsAtMs, story.atMs + softClose.extendMs);
  if (extendedMs > endsAtMs) story.tell({ type: "auction_extended", endsAtMs: extendedMs, atMs: story.atMs });
}
