import { describe, expect, test } from "vitest";
import * as fc from "fast-check";
import { createKeyIndex } from "../../../core/sequencer/key-index.ts";

const MAX_FINGERPRINT = 2 ** 48 - 1;

describe("the key index", () => {
  test("finds every sequence that was added under a fingerprint, and nothing else", () => {
    const added = fc.array(
      fc.tuple(
        fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: MAX_FINGERPRINT })),
        fc.nat(),
      ),
    );
    fc.assert(
      fc.property(added, fc.integer({ min: 0, max: MAX_FINGERPRINT }), (pairs, other) => {
        const index = createKeyIndex();
        for (const [fingerprint, seq] of pairs) index.add(fingerprint, seq);
        for (const fingerprint of [...pairs.map(([one]) => one), other]) {
          const should = pairs.filter(([one]) => one === fingerprint).map(([, seq]) => seq);
          expect([...index.find(fingerprint)].sort((a, b) => a - b)).toEqual(should.sort((a, b) => a - b));
        }
        expect(index.size).toBe(pairs.length);
      }),
    );
  });

  test("keeps a million keys in less than 48 MB", () => {
    const index = createKeyIndex();
    for (let i = 0; i < 1_000_000; i++) index.add((i * 2_654_435_761) % MAX_FINGERPRINT, i);
    expect(index.bytes).toBeLessThan(48 * 1_048_576);
    expect(index.find((777 * 2_654_435_761) % MAX_FINGERPRINT)).toContain(777);
  });
});
