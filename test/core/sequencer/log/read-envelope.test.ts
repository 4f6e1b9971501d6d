import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readEnvelope, readPlainBid } from "../../../../core/sequencer/log/read-envelope.ts";
import { commandSchema } from "../../../../shared/commands.ts";

const encode = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
const bid = { type: "bid", bidderId: "alice", key: "k", body: { amount: 1_000 } };
const envelope = { v: 1, id: "e-1", origin: "gateway", commands: [bid] };

describe("reading a message", () => {
  test("the short way for plain bids accepts what the schema accepts, as the schema reads it, and nothing else", () => {
    const odd = fc.oneof(
      fc.string(),
      fc.double(),
      fc.integer(),
      fc.constant(null),
      fc.constantFrom("a*b", "a".repeat(65), "ä", "x y"),
    );
    const maybe = (value: unknown) =>
      fc.oneof({ weight: 3, arbitrary: fc.constant(value) }, { weight: 1, arbitrary: odd });
    const command = fc.record(
      {
        type: maybe("bid"),
        bidderId: maybe("alice"),
        key: maybe("a-key"),
        body: fc.oneof(
          fc.record({ amount: maybe(1_000) }),
          fc.record({ maxAmount: maybe(1_000) }),
          fc.constantFrom({}, []),
          fc.record({ amount: maybe(5), more: odd }),
          fc.record({ amount: maybe(5), maxAmount: maybe(7) }, { requiredKeys: ["maxAmount"] }),
          odd,
        ),
        extra: odd,
      },
      { requiredKeys: ["type"] },
    );
    fc.assert(
      fc.property(command, (raw) => {
        const plain = readPlainBid(raw);
        const parsed = commandSchema.safeParse(raw);
        if (plain !== undefined) expect(parsed.data).toEqual(plain);
        else if (parsed.data?.type === "bid" && parsed.data.trace === undefined)
          expect(Object.keys(parsed.data.body).length).toBeGreaterThan(1);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([
    ["not JSON", "{"],
    ["not an envelope", "[]"],
    ["no commands", { ...envelope, commands: [] }],
    ["too many commands", { ...envelope, commands: Array.from({ length: 257 }, () => bid) }],
    ["a version from the future", { ...envelope, v: 99 }],
    ["invalid UTF-8", new Uint8Array([0x7b, 0xff, 0x7d])],
  ])("%s is one unreadable command with a reason", (_, data) => {
    const read = readEnvelope("lot", data instanceof Uint8Array ? data : encode(data));
    expect(read.commands).toEqual([{ command: undefined, identity: undefined }]);
    expect(read.fault?.reason).toBe("unreadable_envelope");
  });

  test("one bad command does not cost the others their decision", () => {
    const read = readEnvelope(
      "lot",
      encode({ ...envelope, commands: [bid, { type: "bid" }, { ...bid, key: "l", trace: "00-a-b-01" }] }),
    );
    expect(read.commands.map(({ command }) => command?.type)).toEqual(["bid", undefined, "bid"]);
    expect(read.fault?.reason).toBe("unreadable_command");
    expect(read.traces).toEqual(["00-a-b-01"]);
  });
});
