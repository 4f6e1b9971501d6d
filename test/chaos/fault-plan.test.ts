import { expect, test } from "vitest";
import { FAULT_KINDS, type FaultPlanOptions, partOf, type PlannedBlow, planFaults } from "./fault-plan.ts";

const OPTIONS: FaultPlanOptions = { seed: 1, cores: 2, shards: 2, restMs: [2_000, 6_000], twice: 0.3 };

function first(count: number, changes: Partial<FaultPlanOptions> = {}): PlannedBlow[] {
  const plan = planFaults({ ...OPTIONS, ...changes });
  return Array.from({ length: count }, () => plan.next().value);
}

test("the same seed gives the same plan, another seed another one", () => {
  expect(first(200)).toEqual(first(200));
  expect(first(200, { seed: 2 })).not.toEqual(first(200));
});

test("every kind comes in every deck, and every core and shard gets its turn", () => {
  const faults = first(200).flatMap((blow) => blow.faults);
  expect(new Set(faults.slice(0, 16).map(({ kind }) => kind))).toEqual(new Set(FAULT_KINDS));
  for (const part of ["core", "postgres"]) {
    const numbers = faults.filter(({ kind }) => partOf(kind) === part).map(({ number }) => number);
    expect(new Set(numbers)).toEqual(new Set([0, 1]));
  }
});

test("two faults at once are on different parts, so that something is left to recover with", () => {
  const twice = first(500).filter(({ faults }) => faults.length > 1);
  expect(twice.length).toBeGreaterThan(50);
  for (const { faults } of twice)
    expect(new Set(faults.map(({ kind }) => partOf(kind))).size).toBe(faults.length);
});

test("a core naps within its lease of 1.5 s, and lies in a coma beyond it", () => {
  for (const { kind, downMs } of first(500).flatMap(({ faults }) => faults)) {
    if (kind === "core-nap") expect(downMs).toBeLessThan(1_500);
    if (kind === "core-coma") expect(downMs).toBeGreaterThan(1_500);
  }
});
