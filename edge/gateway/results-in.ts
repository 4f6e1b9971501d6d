import type { Result } from "../../shared/results.ts";
import { WIRE_VERSION } from "../../shared/wire-version.ts";
import { forgetOldest } from "../forget-oldest.ts";

/** Results that may come a second time after a takeover are this recent. */
const REMEMBERED_RESULTS = 1_024;

/** Whether this gateway has seen the result of that sequence before. */
export interface SeenResults {
  /** True the first time. */
  first(seq: number): boolean;
}

export function createSeenResults(): SeenResults {
  const seen = new Set<number>();
  return {
    first(seq) {
      if (seen.has(seq)) return false;
      forgetOldest(seen, REMEMBERED_RESULTS);
      seen.add(seq);
      return true;
    },
  };
}

/**
 * Reads a result. It comes from a core over a connection that only cores publish results on, and a hot auction brings
 * thousands of outcomes a second, so the version and the auction are checked here and the schema in the tests.
 */
export function readResult(text: string, auctionId: string): Result {
  const result = JSON.parse(text) as Result;
  if (result.auctionId !== auctionId) throw new Error("a result of another auction");
  if (result.v > WIRE_VERSION)
    throw new Error(`a result of wire version ${result.v}; this edge reads up to ${WIRE_VERSION}`);
  return result;
}
