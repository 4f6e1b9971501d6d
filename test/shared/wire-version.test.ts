import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { envelopeSchema } from "../../shared/commands.ts";
import { clientFrameSchema, serverFrameSchema } from "../../shared/frames.ts";
import { orderEventSchema } from "../../shared/orders.ts";
import { queries } from "../../shared/queries.ts";
import { resultSchema } from "../../shared/results.ts";
import { OLDEST_WIRE_VERSION, WIRE_VERSION } from "../../shared/wire-version.ts";
import frozen from "./wire-version.json" with { type: "json" };

const schemas: Record<string, z.ZodType> = {
  envelope: envelopeSchema,
  result: resultSchema,
  "frames.client": clientFrameSchema,
  "frames.server": serverFrameSchema,
  "orders.event": orderEventSchema,
};
for (const [kind, { request, reply }] of Object.entries(queries)) {
  schemas[`queries.${kind}.request`] = request;
  schemas[`queries.${kind}.reply`] = reply;
}

const WHAT_TO_DO = `The shape of what crosses a process border has changed, and WIRE_VERSION (${WIRE_VERSION}) has not.
- You meant to change it: raise WIRE_VERSION in shared/wire-version.ts, add a line to its history, and add the new
  version with the hashes below to test/shared/wire-version.json; leave the old versions there as they are.
- Version ${WIRE_VERSION} has never left your branch, or only zod now spells the same schemas in another way: replace the hashes of
  version ${WIRE_VERSION} by those below.
- You did not mean to: take the change back. Envelopes written by running edges lie in the log and must still be read.`;

describe("the wire", () => {
  test("keeps its shape as long as it keeps its version", () => {
    const now = Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, hashOf(schema)]));
    const then = (frozen as Record<string, Record<string, string>>)[String(WIRE_VERSION)] ?? {};
    const names = [...new Set([...Object.keys(now), ...Object.keys(then)])];
    const changed = names.filter((name) => now[name] !== then[name]);
    const hashes = JSON.stringify({ [WIRE_VERSION]: now }, null, 2);
    expect(changed, `${WHAT_TO_DO}\nChanged: ${changed.join(", ")}. Now:\n${hashes}\n`).toEqual([]);
  });

  test("remembers every version that may still lie in a log, and knows none from the future", () => {
    const versions = Array.from({ length: WIRE_VERSION - OLDEST_WIRE_VERSION + 1 }, (_, i) =>
      String(OLDEST_WIRE_VERSION + i),
    );
    expect(Object.keys(frozen)).toEqual(expect.arrayContaining(versions));
    expect(Math.max(...Object.keys(frozen).map(Number))).toBe(WIRE_VERSION);
  });
});

describe("the hash of a schema", () => {
  const base = z.strictObject({ a: z.string(), b: z.int().optional() });

  test("does not see the order of fields", () => {
    expect(hashOf(z.strictObject({ b: z.int().optional(), a: z.string() }))).toBe(hashOf(base));
  });

  test.each([
    ["a new field", base.extend({ c: z.string() })],
    ["a new optional field", base.extend({ c: z.string().optional() })],
    ["a field that became required", z.strictObject({ a: z.string(), b: z.int() })],
    ["another type", base.extend({ a: z.int() })],
    ["another bound", base.extend({ b: z.int().max(5).optional() })],
    ["another pattern", base.extend({ a: z.string().regex(/x/) })],
    ["unknown fields let in", z.looseObject(base.shape)],
  ])("sees %s", (_what, changed) => {
    expect(hashOf(changed)).not.toBe(hashOf(base));
  });
});

/** 16 hex digits of SHA-256 over the JSON schema of what is sent, with fields and sets in one order. */
function hashOf(schema: z.ZodType): string {
  const json = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  return createHash("sha256")
    .update(JSON.stringify(ordered(json)))
    .digest("hex")
    .slice(0, 16);
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value))
    return value.every((item) => typeof item === "string") ? [...value].sort() : value.map(ordered);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, item]) => [name, ordered(item)]));
}
