import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DEFAULT_SLOTS, slotOf } from "../../shared/slots.ts";
import { PROPERTY_RUNS, PROPERTY_TIMEOUT_MS } from "../support/property-runs.ts";

/**
 * Computed with `printf <id> | sha256sum`: the first eight hex digits, and their remainders by hand. Never change them:
 * an edge and a core that disagree here would write and read different subjects.
 */
const VECTORS = [
  ["a", "ca978112", 18, 2, 2],
  ["auction-1", "9f20d56c", 44, 12, 0],
  ["1e2LqMbjiwNi-xiqiOH2ud", "e6ca8d0e", 14, 14, 1],
  ["AAAAAAAAAAAAAAAAAAAAAA", "8a5bdb4c", 12, 12, 5],
  ["_", "d2e2adf7", 55, 7, 5],
  ["-", "3973e022", 34, 2, 6],
  ["__proto__", "30e2af38", 56, 8, 3],
  ["zZ9_-", "f3929164", 36, 4, 4],
  ["0000000000000000000000000000000000000000000000000000000000000000", "60e05bd1", 17, 1, 4],
  ["lot-42", "6d8a2177", 55, 7, 6],
] as const;

describe("the slot of an auction", () => {
  test("of the default cluster is one of 64, which is fixed", () => {
    expect(DEFAULT_SLOTS).toBe(64);
  });

  test.each(VECTORS)("%s has digest %s: slot %i of 64, %i of 16, %i of 7", (...vector) => {
    const [id, head, of64, of16, of7] = vector;
    expect([slotOf(id, 64), slotOf(id, 16), slotOf(id, 7), slotOf(id, 1)]).toEqual([of64, of16, of7, 0]);
    expect(slotOf(id, 2 ** 32)).toBe(Number.parseInt(head, 16));
  });

  test(
    "is the first four bytes, big-endian, of SHA-256 over the UTF-8 id, for any id",
    { timeout: PROPERTY_TIMEOUT_MS },
    () => {
      fc.assert(
        fc.property(fc.string({ unit: "binary" }), fc.integer({ min: 1, max: 4_096 }), (id, slots) => {
          const [a = 0, b = 0, c = 0, d = 0] = createHash("sha256").update(Buffer.from(id, "utf8")).digest();
          expect(slotOf(id, slots)).toBe((a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d) % slots);
        }),
        { numRuns: PROPERTY_RUNS },
      );
    },
  );

  test("spreads auctions evenly: of 64,000 no slot has a quarter more or less than its share", () => {
    const counts = Array.from({ length: 64 }, () => 0);
    for (let i = 0; i < 64_000; i++) {
      const slot = slotOf(`auction-${i}`, 64);
      counts[slot] = (counts[slot] ?? 0) + 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(750);
    expect(Math.max(...counts)).toBeLessThan(1_250);
  });
});
