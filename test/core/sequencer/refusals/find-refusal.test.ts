import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findRefusal } from "../../../../core/sequencer/refusals/find-refusal.ts";
import type { Refusal } from "../../../../core/sequencer/refusals/refusal.ts";
import { PROPERTY_RUNS, PROPERTY_TIMEOUT_MS } from "../../../support/property-runs.ts";

/** A Postgres that refuses certain commands, and perhaps the envelope's own fields; counts how often it is asked. */
function refusing(culprits: readonly number[], options: { own?: boolean } = {}) {
  const asked: Refusal[] = [];
  const passes = (without: Refusal): Promise<boolean> => {
    asked.push(without);
    const own = options.own === true && !without.bare;
    return Promise.resolve(!own && culprits.every((place) => without.commands.has(place)));
  };
  return { asked, passes };
}

const found = async (commands: number, passes: (without: Refusal) => Promise<boolean>) => {
  const refusal = await findRefusal(commands, passes);
  return refusal && { bare: refusal.bare, commands: [...refusal.commands].sort((a, b) => a - b) };
};

describe("finding what Postgres refuses of a message", () => {
  test(
    "finds exactly the culprits, in about 2·k·log2(n) questions",
    async () => {
      const size = fc.integer({ min: 1, max: 256 });
      const some = size.chain((commands) =>
        fc.tuple(fc.constant(commands), fc.uniqueArray(fc.nat(commands - 1), { minLength: 1 }), fc.boolean()),
      );
      await fc.assert(
        fc.asyncProperty(some, async ([commands, culprits, own]) => {
          const { asked, passes } = refusing(culprits, { own });
          expect(await found(commands, passes)).toEqual({
            bare: own,
            commands: culprits.sort((a, b) => a - b),
          });
          const few = 2 * culprits.length * (Math.ceil(Math.log2(commands)) + 1) + 4;
          expect(asked.length).toBeLessThanOrEqual(Math.min(few, 2 * commands + 4));
        }),
        { numRuns: PROPERTY_RUNS },
      );
    },
    PROPERTY_TIMEOUT_MS,
  );

  test("one of 256 takes some twenty questions", async () => {
    const { asked, passes } = refusing([137]);
    expect(await found(256, passes)).toEqual({ bare: false, commands: [137] });
    expect(asked.length).toBeLessThanOrEqual(20);
  });

  test("where only the envelope's own fields are refused, no command is", async () => {
    expect(await found(200, refusing([], { own: true }).passes)).toEqual({ bare: true, commands: [] });
  });

  test("commands that are refused only together are all refused", async () => {
    const together = ({ commands }: Refusal): Promise<boolean> =>
      Promise.resolve(commands.has(1) || commands.has(6));
    expect(await found(8, together)).toEqual({ bare: false, commands: [0, 1, 2, 3, 4, 5, 6, 7] });
  });

  test("a message of which nothing can be stored is not searched further", async () => {
    let asked = 0;
    const never = (): Promise<boolean> => Promise.resolve((asked++, false));
    expect(await findRefusal(200, never)).toBeUndefined();
    expect(asked).toBe(2);
  });

  test("a shard that gives no answer accuses nobody", async () => {
    const gone = (): Promise<boolean> => Promise.reject(new Error("the connection is gone"));
    await expect(findRefusal(3, gone)).rejects.toThrow("the connection is gone");
  });
});
