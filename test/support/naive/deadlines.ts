import { nextStepAt, takeSteps } from "./dutch.ts";
import { close, giveUp } from "./settlement.ts";
import { happen, type NaiveAuction } from "./state.ts";

interface Deadline {
  readonly at: number;
  readonly meet: (now: number) => void;
}

/** When the log's clock next changes the auction by itself; null when it never does. */
export const nextDeadlineAt = (auction: NaiveAuction): number | null => earliest(auction)?.at ?? null;

/**
 * "Every deadline ≤ `at` is met before the command, the earliest first." What comes of it happens at the command's moment:
 * before that the log has not told anybody, so nobody's time to pay has begun.
 */
export function meetDeadlines(auction: NaiveAuction, at: number): void {
  for (;;) {
    const next = earliest(auction);
    if (next === undefined || next.at > at) return;
    next.meet(at);
  }
}

/** Of equal ones the first of "opening, order expiry, price step, end". */
function earliest(auction: NaiveAuction): Deadline | undefined {
  const all = [opening(auction), expiry(auction), priceStep(auction), end(auction)];
  return all.filter((deadline) => deadline !== undefined).sort((a, b) => a.at - b.at)[0];
}

function opening(auction: NaiveAuction): Deadline | undefined {
  if (auction.terms === null || auction.status !== "scheduled") return undefined;
  return {
    at: auction.startsAt,
    meet(now) {
      auction.status = "open";
      happen(auction, { type: "auction_opened", at: now });
    },
  };
}

/** All orders that are due by now expire together: one event. */
function expiry(auction: NaiveAuction): Deadline | undefined {
  const pending = auction.orders.filter(({ status }) => status === "pending");
  const at = Math.min(...pending.map(({ expiresAt }) => expiresAt ?? Infinity));
  if (at === Infinity) return undefined;
  return {
    at,
    meet(now) {
      const due = pending.filter(({ expiresAt }) => (expiresAt ?? Infinity) <= now);
      giveUp(auction, due, "expired", now);
    },
  };
}

function priceStep(auction: NaiveAuction): Deadline | undefined {
  const { terms } = auction;
  if (terms?.format !== "dutch" || auction.status !== "open") return undefined;
  const at = nextStepAt(auction, terms);
  return at === null ? undefined : { at, meet: (now) => takeSteps(auction, terms, now) };
}

function end(auction: NaiveAuction): Deadline | undefined {
  const at = auction.endsAt;
  return auction.status === "open" ? { at, meet: (now) => close(auction, now) } : undefined;
}
