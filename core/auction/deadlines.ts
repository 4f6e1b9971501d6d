import { unreachable } from "../../shared/unreachable.ts";
import type { Auction } from "./auction.ts";
import { formatOf } from "./formats.ts";
import { InvariantError } from "./invariant-error.ts";
import { nextExpiryMs } from "./order.ts";
import { close, expire } from "./settlement.ts";
import type { Story } from "./story.ts";

/** When the log's clock next changes this auction by itself, in ms since the epoch; null when it never does again. */
export function nextDeadlineMs(auction: Auction): number | null {
  switch (auction.status) {
    case "scheduled":
      return auction.startsAtMs;
    case "open":
      return earliest(
        earliest(nextExpiryMs(auction), formatOf(auction).nextStepMs(auction)),
        auction.endsAtMs,
      );
    case "closed":
      return nextExpiryMs(auction);
    case "cancelled":
      return null;
    default:
      return unreachable(auction.status);
  }
}

/** Meets every deadline at or before the story's moment, the earliest first: an auction that slept through its whole life opens and closes. */
export function meetDeadlines(story: Story): void {
  for (;;) {
    const { auction } = story;
    const told = story.events.length;
    const dueMs = nextDeadlineMs(auction);
    if (dueMs === null || dueMs > story.atMs) return;
    if (auction.status === "scheduled") story.tell({ type: "auction_opened", atMs: story.atMs });
    else if (dueMs === nextExpiryMs(auction)) expire(story);
    else if (dueMs === formatOf(auction).nextStepMs(auction)) formatOf(auction).step(auction, story);
    else close(story);
    // It would be due for ever, and the slot with it.
    if (story.events.length === told) throw new InvariantError(`a deadline of ${auction.id} changes nothing`);
  }
}

const earliest = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.min(a, b);
