import type { Increment } from "../../shared/terms.ts";

/** The step above `priceMinor`: the step of the highest tier whose `from` is at or below the price. */
export function incrementAt(increment: Increment, priceMinor: number): number {
  if (typeof increment === "number") return increment;
  let step = 1;
  for (const tier of increment) {
    if (tier.from > priceMinor) break;
    step = tier.step;
  }
  return step;
}

/** The least bid that beats `priceMinor`; null when no safe integer does. */
export function nextBidAbove(increment: Increment, priceMinor: number): number | null {
  const next = priceMinor + incrementAt(increment, priceMinor);
  return next <= Number.MAX_SAFE_INTEGER ? next : null;
}
