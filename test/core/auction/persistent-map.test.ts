import fc from "fast-check";
import { expect, test } from "vitest";
import { PersistentMap } from "../../../core/auction/persistent-map.ts";
import { PROPERTY_RUNS } from "../../support/property-runs.ts";

type Change = { readonly of: number; readonly key: number; readonly value: number | undefined };

/** A few keys, so that changes meet; `of` picks an earlier version, mostly not the newest. */
const change: fc.Arbitrary<Change> = fc.record({
  of: fc.nat(),
  key: fc.nat(5),
  value: fc.option(fc.nat(9), { nil: undefined }),
});

const listed = (entries: Iterable<[number, number]>): [number, number][] =>
  [...entries].sort(([a], [b]) => a - b);

test("every version keeps its content, whichever versions are changed and read after it", () => {
  fc.assert(
    fc.property(
      fc.array(change, { maxLength: 40 }),
      fc.array(fc.nat(), { maxLength: 40 }),
      (changes, reads) => {
        const versions: { map: PersistentMap<number, number>; copy: Map<number, number> }[] = [
          { map: PersistentMap.empty(), copy: new Map() },
        ];
        for (const { of, key, value } of changes) {
          const { map, copy } = versions[of % versions.length] as (typeof versions)[number];
          const next = new Map(copy);
          if (value === undefined) next.delete(key);
          else next.set(key, value);
          versions.push({ map: value === undefined ? map.delete(key) : map.set(key, value), copy: next });
        }
        for (const at of [...reads, ...versions.keys()]) {
          const { map, copy } = versions[at % versions.length] as (typeof versions)[number];
          expect(listed(map)).toEqual(listed(copy));
          expect(map.size).toBe(copy.size);
          expect(map.values()).toHaveLength(copy.size);
          for (let key = 0; key <= 5; key++) expect(map.get(key)).toBe(copy.get(key));
        }
      },
    ),
    { numRuns: PROPERTY_RUNS },
  );
});

test("a listing that was begun before a change lists what was there before it", () => {
  const map = PersistentMap.of([["a", 1]]);
  const listing = map[Symbol.iterator]();
  map.set("b", 2);
  expect([...listing]).toEqual([["a", 1]]);
});

test("maps that begin empty have nothing in common", () => {
  const empty = PersistentMap.empty<string, number>();
  const [one, other] = [empty.set("a", 1), empty.set("a", 2)];
  expect([one.get("a"), other.get("a"), empty.size]).toEqual([1, 2, 0]);
});
