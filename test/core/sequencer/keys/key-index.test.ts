import { describe, expect, test } from "vitest";
import * as fc from "fast-check";
import {
  createKeyIndex,
  KEY_INDEX_LIMITS,
  type KeyIndex,
} from "../../../../core/sequencer/keys/key-index.ts";
import { PROPERTY_RUNS, PROPERTY_TIMEOUT_MS } from "../../../support/property-runs.ts";

const MAX_FINGERPRINT = 2 ** 48 - 1;

/** As good as 48 bits of a digest, and quicker: the finisher of MurmurHash3. */
function fingerprint(n: number): number {
  const mixed = (seed: number): number => {
    let h = Math.imul(n ^ seed, 0x9e3779b1);
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return (h ^ (h >>> 16)) >>> 0;
  };
  return (mixed(0x2545f491) & 0xffff) * 0x1_0000_0000 + mixed(0x5bd1e995);
}

const covers = (index: KeyIndex, key: number, seq: number): boolean =>
  index.find(key).some(({ from, to }) => from <= seq && seq <= to);

describe("the key index", () => {
  test(
    "misses no key that was added, however it is sealed and merged, and is exact until then (I9)",
    () => {
      const some = fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: MAX_FINGERPRINT }));
      const step = fc.oneof(
        {
          weight: 8,
          arbitrary: fc.record({
            add: fc.array(some, { minLength: 2, maxLength: 12 }),
            gap: fc.integer({ min: 1, max: 9 }),
          }),
        },
        { weight: 2, arbitrary: fc.record({ sealBehind: fc.integer({ min: 0, max: 60 }) }) },
      );
      const limits = fc.record({
        exactKeys: fc.integer({ min: 0, max: 12 }),
        segmentKeys: fc.integer({ min: 1, max: 8 }),
        segments: fc.integer({ min: 1, max: 36 }),
      });
      fc.assert(
        fc.property(limits, fc.array(step, { minLength: 40, maxLength: 120 }), (bounds, steps) => {
          const index = createKeyIndex(bounds);
          const model = new Map<number, number[]>();
          let seq = 0;
          let sealed = 0;
          for (const one of steps) {
            if ("add" in one) {
              seq += one.gap;
              for (const key of one.add) {
                index.add(key, seq);
                model.set(key, [...(model.get(key) ?? []), seq]);
              }
            } else {
              sealed = Math.max(sealed, seq - one.sealBehind);
              index.seal(sealed);
            }
          }
          const missed: unknown[] = [];
          for (const [key, seqs] of model) {
            missed.push(...seqs.filter((at) => !covers(index, key, at)));
            // What may not be sealed yet is known by its sequence alone.
            const exact = new Set(index.find(key).flatMap(({ from, to }) => (from === to ? [from] : [])));
            missed.push(...seqs.filter((at) => at > sealed && !exact.has(at)));
          }
          expect(missed).toEqual([]);
          const added = [...model.values()].reduce((sum, seqs) => sum + seqs.length, 0);
          expect(index.size).toBe(added);
        }),
        { numRuns: PROPERTY_RUNS / 2 },
      );
    },
    PROPERTY_TIMEOUT_MS,
  );

  test("finds nothing but what was added, as long as nothing is sealed", () => {
    const index = createKeyIndex();
    for (let i = 0; i < 5_000; i++) index.add(fingerprint(i), i);
    index.seal(5_000);
    for (let i = 0; i < 5_000; i++) expect(index.find(fingerprint(i))).toEqual([{ from: i, to: i }]);
    for (let i = 5_000; i < 10_000; i++) expect(index.find(fingerprint(i))).toEqual([]);
  });

  test("keeps a million keys in 6 MB, misses none of them, and errs less than once in 100,000 new keys", () => {
    const index = createKeyIndex();
    const keys = 1_000_000;
    for (let i = 0; i < keys; i++) {
      index.add(fingerprint(i), i);
      if (i % 1_000 === 0) index.seal(i - 5_000);
    }
    expect(index.size).toBe(keys);
    expect(index.bytes).toBeLessThan(6.5 * 1_048_576);
    let missed = 0;
    for (let i = 0; i < keys; i += 7) if (!covers(index, fingerprint(i), i)) missed++;
    expect(missed).toBe(0);
    let wrong = 0;
    for (let i = keys; i < keys + 300_000; i++) if (index.find(fingerprint(i)).length > 0) wrong++;
    expect(wrong).toBeLessThanOrEqual(10);
  }, 30_000);

  test("stays within 18 MB for any number of keys", () => {
    const index = createKeyIndex();
    for (let i = 0; i < 4_000_000; i++) {
      index.add((i * 25_214_903_917) % MAX_FINGERPRINT, i);
      if (i % 1_000 === 0) index.seal(i - 5_000);
    }
    expect(index.size).toBe(4_000_000);
    expect(index.bytes).toBeLessThan(18 * 1_048_576);
    expect(covers(index, (777 * 25_214_903_917) % MAX_FINGERPRINT, 777)).toBe(true);
    expect(KEY_INDEX_LIMITS.segmentKeys * KEY_INDEX_LIMITS.segments).toBeLessThan(4_000_000);
  }, 30_000);
});
