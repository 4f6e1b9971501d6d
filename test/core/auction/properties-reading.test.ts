import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { commandSchema } from "../../../shared/commands.ts";
import { readCommand } from "../../support/naive/read-command.ts";
import { PROPERTY_RUNS, PROPERTY_TIMEOUT_MS } from "../../support/property-runs.ts";
import { story } from "./arbitraries.ts";

const options = { timeout: PROPERTY_TIMEOUT_MS };
const runs = { numRuns: PROPERTY_RUNS };

/** What a field might hold instead. */
const value = fc.constantFrom<unknown>(
  null,
  true,
  false,
  0,
  -1,
  1,
  99,
  100,
  1.5,
  1_000_001,
  Number.MAX_SAFE_INTEGER,
  Number.MAX_SAFE_INTEGER + 1,
  "",
  " padded ",
  "a.b",
  "nul\0",
  "\ud800",
  "x".repeat(65),
  "x".repeat(201),
  "EUR",
  "seller",
  "an-auction-1",
  "2027-01-01T00:00:00Z",
  "2027-01-01",
  [],
  [{ from: 0, step: 5 }],
  [
    { from: 0, step: 5 },
    { from: 0, step: 6 },
  ],
  {},
  { payWithinMs: 5 },
  { windowMs: 5, extendMs: 5, maxExtensions: 0 },
);

const FIELDS = (
  "type key role actorId bidderId rules aliasSalt secretSalt trace extra " +
  "amount maxAmount buyNow quantity partial waitlist action reason orderId bidId " +
  "format title currency startsAt endsAt startPrice increment reservePrice buyNowPrice softClose settlement " +
  "floorPrice stepAmount stepMs units graceMs pricing price perBidder holdMs"
).split(" ");

/** A field of the command or of its body that is given another value, or, without one, taken away. */
const change = fc.record({
  field: fc.constantFrom(...FIELDS),
  inBody: fc.boolean(),
  value: fc.option(value, { nil: undefined, freq: 4 }),
});

type Fields = Record<string, unknown>;

function changed(
  command: unknown,
  changes: readonly { field: string; inBody: boolean; value: unknown }[],
): unknown {
  if (typeof command !== "object" || command === null) return command;
  const copy = structuredClone(command) as Fields;
  const body = (copy["body"] ?? {}) as Fields;
  for (const { field, inBody, value: now } of changes) (inBody ? body : copy)[field] = now;
  return JSON.parse(JSON.stringify(copy));
}

describe("any command of the log", () => {
  test("is read by the naive model as by the contract, or by neither of them", options, () => {
    let readable = 0;
    let unreadable = 0;
    fc.assert(
      fc.property(
        story,
        fc.array(fc.array(change, { maxLength: 2 }), { minLength: 8, maxLength: 8 }),
        (told, all) => {
          const commands = told.moments.flatMap((moment) => moment.commands);
          commands.forEach((command, i) => {
            const asked = changed(command, all[i % all.length] ?? []);
            const contract = commandSchema.safeParse(asked);
            const naive = readCommand(asked);
            if (!contract.success) {
              expect(naive).toBeNull();
              unreadable++;
              return;
            }
            // The model leaves out what is the edge's own.
            expect(contract.data).toMatchObject(naive ?? { "": "unread" });
            if (naive !== null && "body" in naive && "body" in contract.data)
              expect(naive.body).toEqual(contract.data.body);
            readable++;
          });
        },
      ),
      runs,
    );
    expect(Math.min(readable, unreadable)).toBeGreaterThan(PROPERTY_RUNS);
  });
});
