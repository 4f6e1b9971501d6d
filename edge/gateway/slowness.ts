/**
 * A watcher that has read nothing for so long has stopped reading: a train's tunnel is shorter, and every second more is
 * memory held for somebody who has to catch up anyway.
 */
export const STALLED_AFTER_MS = 10_000;
/** What a stalled socket is closed with: 1013 is "try again later", and the reason says from where. */
export const STALLED_CODE = 1013;
export const STALLED_REASON = "reads too slowly; resume with since=<your last version>";

/** Since when a watcher has been behind, as it was seen at each look. */
export interface Slowness {
  /** `new`: behind for the first time since it kept up; `stalled`: behind at every look for too long. */
  look(congested: boolean, nowMs: number): "none" | "new" | "behind" | "stalled";
}

export function createSlowness(): Slowness {
  let sinceMs: number | undefined;
  return {
    look(congested, nowMs) {
      if (!congested) {
        sinceMs = undefined;
        return "none";
      }
      if (sinceMs === undefined) {
        sinceMs = nowMs;
        return "new";
      }
      return nowMs - sinceMs >= STALLED_AFTER_MS ? "stalled" : "behind";
    },
  };
}
