import { BUCKET_SCRIPT } from "./bucket-script.ts";
import type { Draw, DrawResult } from "./leases.ts";

/** Longer than a healthy Redis in the region needs; a bidder must not wait for a sick one. */
export const DRAW_DEADLINE_MS = 40;
/** So many failures in a row open the breaker … */
const FAILURES_TO_OPEN = 3;
/** … for this long, doubled with every further failure. */
const FIRST_OPEN_MS = 1_000;
const LAST_OPEN_MS = 5_000;

export interface GlobalBucketDeps {
  /** Runs the script; rejects when Redis does. */
  run(script: string, keys: string[], args: number[]): Promise<number[]>;
  now(): number;
  sleep(ms: number): Promise<void>;
  /** Counts, because a fallback must never be silent. */
  fellBack(why: "slow" | "failed" | "open"): void;
}

export interface GlobalBucket {
  /** The breaker is open: do not even ask. Counted, and answered at once, because then every bid comes this way. */
  isOpen(): boolean;
  draw(draws: Draw[]): Promise<DrawResult>;
}

/** The global token bucket behind a deadline and a circuit breaker. */
export function createGlobalBucket(deps: GlobalBucketDeps): GlobalBucket {
  let failures = 0;
  let openUntil = 0;

  const failed = (why: "slow" | "failed"): DrawResult => {
    failures++;
    if (failures >= FAILURES_TO_OPEN) {
      openUntil = deps.now() + Math.min(LAST_OPEN_MS, FIRST_OPEN_MS * 2 ** (failures - FAILURES_TO_OPEN));
    }
    deps.fellBack(why);
    return { fallback: true };
  };

  const isOpen = (): boolean => {
    if (deps.now() >= openUntil) return false;
    deps.fellBack("open");
    return true;
  };

  const draw = async (draws: Draw[]): Promise<DrawResult> => {
    if (isOpen()) return { fallback: true };
    // Half open: this request probes, the others of the next moment need not wait with it.
    if (failures >= FAILURES_TO_OPEN) openUntil = deps.now() + DRAW_DEADLINE_MS;
    const asked = draws.filter((draw) => draw.want > 0);
    const args = asked.flatMap(({ use, need, want }) => [
      use.policy.ratePerSecond / 1_000,
      use.policy.burst,
      need,
      want,
    ]);
    const running = deps
      .run(
        BUCKET_SCRIPT,
        asked.map(({ use }) => use.key),
        args,
      )
      .catch(() => undefined);
    const answer = await Promise.race([running, deps.sleep(DRAW_DEADLINE_MS).then(() => "slow" as const)]);
    if (answer === "slow") return failed("slow");
    if (answer === undefined || !Array.isArray(answer)) return failed("failed");
    failures = 0;
    openUntil = 0;
    if (answer[0] === 1)
      return { granted: draws.map((draw) => (draw.want > 0 ? (answer[1 + asked.indexOf(draw)] ?? 0) : 0)) };
    const culprit = asked[(answer[1] ?? 1) - 1];
    return { refused: culprit?.use.kind ?? "user", retryAfterMs: answer[2] ?? 1_000 };
  };

  return { isOpen, draw };
}
