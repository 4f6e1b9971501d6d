import { isDeep } from "../support/property-runs.ts";
import { NO_BUG, type PlantedBug } from "./bugs.ts";
import type { Finding } from "./checked-slot.ts";
import { check } from "./checks.ts";
import { simulate } from "./simulate.ts";

/** Tried with every push, and by `npm run test:deep`; half of them in each of two test files. */
const SEEDS = isDeep ? 20_000 : 300;
/** A deep run does not repeat what every push tries. */
const FIRST_SEED = isDeep ? 1_000_000 : 1;
/** A deep half takes half an hour; on busy cores an hour. */
export const SWEEP_TIMEOUT_MS = 2 * 3_600_000;

export const sweepOf = (half: 0 | 1): { from: number; count: number } => ({
  from: FIRST_SEED + (half * SEEDS) / 2,
  count: SEEDS / 2,
});

/** A seed that broke something, what it was, and how it came to it. */
export interface BrokenSeed {
  readonly seed: number;
  readonly findings: readonly Finding[];
  readonly story: readonly string[];
}

/** The first of `count` seeds that breaks an invariant; undefined when every one of them held. */
export async function firstBroken(
  seeds: { from: number; count: number },
  bug: PlantedBug = NO_BUG,
): Promise<BrokenSeed | undefined> {
  for (let seed = seeds.from; seed < seeds.from + seeds.count; seed++) {
    const simulation = await simulate(seed, bug);
    const findings = await check(simulation);
    if (findings.length > 0) return { seed, findings, story: simulation.world.story };
  }
  return undefined;
}

/** Findings shown of one seed: the first says what is wrong, the others follow from it. */
const SHOWN_FINDINGS = 5;

/** What a failing test prints: enough to run the seed again, and to begin to think. */
export function describeBroken({ seed, findings, story }: BrokenSeed): string {
  return [
    `seed ${seed} breaks an invariant; npm run simulate -- --seed ${seed} shows it again`,
    ...findings.slice(0, SHOWN_FINDINGS).map(({ invariant, what }) => `${invariant}: ${what}`),
    ...story.map((line) => `  ${line}`),
  ].join("\n");
}
