import { expect, test } from "vitest";
import { useStack } from "../support/stack.ts";
import { FAULT_KINDS } from "./fault-plan.ts";
import { renderSummary } from "./report.ts";
import { runChaos } from "./run-chaos.ts";
import { summarize } from "./summary.ts";

/** A short plan: four of its seven blows hit two parts at once. */
const SEED = 2299;

/** Short rests: most faults meet what the one before has left behind. */
const REST_MS = [300, 900] as const;

/** Half of what a run of `npm run chaos` has: the suites share the machine. */
const LOAD = { rooms: 12, biddersPerRoom: 6, thinkMs: 60, lifeMs: [5_000, 10_000] as [number, number] };

const deaths: string[] = [];
const stack = useStack({ cores: 2, onDeath: (part, how) => void deaths.push(`${part} (${how})`) });

test("with every part killed or stopped under load, nothing is lost, doubled, reordered or late (I1–I9, I14, I15)", async () => {
  const run = await runChaos(
    stack(),
    {
      seed: SEED,
      faults: { restMs: REST_MS, twice: 0.3, deck: FAULT_KINDS },
      load: LOAD,
      // The deck has each kind once.
      goesOn: ({ faults }) => faults < FAULT_KINDS.length,
    },
    { deaths },
  );
  const summary = summarize(run);
  if (summary.verdict === "failed") console.error(renderSummary(summary));
  expect(run.checked.findings).toEqual([]);
  expect(summary.failures).toEqual([]);
  expect(Object.keys(summary.faults).sort()).toEqual([...FAULT_KINDS].sort());
  // What was checked was worth checking.
  expect(summary.bids).toBeGreaterThan(1_000);
  expect(summary.checked.drops).toBeGreaterThan(0);
  expect(summary.checked.closed).toBeGreaterThan(0);
  expect(summary.checked.frames).toBeGreaterThan(100);
});
