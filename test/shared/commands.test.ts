import { describe, expect, test } from "vitest";
import {
  bidBodySchema,
  commandSchema,
  envelopeSchema,
  MAX_COMMANDS_PER_ENVELOPE,
} from "../../shared/commands.ts";
import { WIRE_VERSION } from "../../shared/wire-version.ts";
import { alice, bid, create, envelope, tick } from "../support/builders.ts";

/** As an edge of version 1 wrote it. It may lie in a log for ever, so every later version must read it. */
const VERSION_1 = `{"v":1,"id":"envelope-1","origin":"auction-1/local/0","commands":[
  {"type":"create","sellerId":"sam","key":"lot-1","rules":1,"aliasSalt":"salt-of-the-tests-0001","body":{"format":"english","title":"A lot",
   "currency":"EUR","startsAt":1800000000000,"endsAt":1800000060000,"startPrice":1000,"increment":[{"from":0,"step":5}]}},
  {"type":"bid","bidderId":"alice","key":"k","body":{"amount":1000},"trace":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
  {"type":"tick"}]}`;

describe("an envelope", () => {
  test("of version 1 is still read, whole and unchanged", () => {
    expect(envelopeSchema.parse(JSON.parse(VERSION_1))).toEqual(JSON.parse(VERSION_1));
  });

  test("of the core's own ticks has no origin", () => {
    expect(envelopeSchema.safeParse(envelope([tick], "")).success).toBe(true);
  });

  test.each([
    ["without commands", envelope([])],
    ["with too many", envelope(Array.from({ length: MAX_COMMANDS_PER_ENVELOPE + 1 }, () => tick))],
    ["of a later version", { ...envelope([tick]), v: WIRE_VERSION + 1 }],
    ["of version 0", { ...envelope([tick]), v: 0 }],
    ["with an unknown field", { ...envelope([tick]), extra: 1 }],
    ["whose origin has a newline", envelope([tick], "a\nb")],
    ["whose id has a dot", { ...envelope([tick]), id: "a.b" }],
  ])("%s is refused", (_what, bad) => {
    expect(envelopeSchema.safeParse(bad).success).toBe(false);
  });

  test("may be filled to its limit", () => {
    const full = envelope(Array.from({ length: MAX_COMMANDS_PER_ENVELOPE }, () => tick));
    expect(envelopeSchema.parse(full).commands).toHaveLength(MAX_COMMANDS_PER_ENVELOPE);
  });
});

describe("a command", () => {
  test.each([
    ["a bid with an unknown field", { ...bid(alice, 1), amount: 1 }],
    ["a bid whose body has one", { ...bid(alice, 1), body: { amount: 1, maxAmount: 2 } }],
    ["a bid without a key", { ...bid(alice, 1), key: undefined }],
    ["a bid of a bidder with a wildcard", bid("*", 1)],
    ["a bid of a fraction", bid(alice, 0.5)],
    ["a create with a short salt", { ...create(), aliasSalt: "short" }],
    ["a create with a slash in its salt", { ...create(), aliasSalt: "salt/of/the/tests/1" }],
    ["a tick that says more", { ...tick, at: 1 }],
    ["of no known type", { type: "steal" }],
  ])("%s is refused", (_what, bad) => {
    expect(commandSchema.safeParse(bad).success).toBe(false);
  });

  test("is unchanged by being read", () => {
    for (const command of [bid(alice, 1), create(), tick])
      expect(commandSchema.parse(command)).toEqual(command);
  });
});

test("a bid's body names its bad field", () => {
  expect(bidBodySchema.safeParse({ amount: 1.5 }).error?.issues[0]?.path).toEqual(["amount"]);
  expect(bidBodySchema.safeParse({}).error?.issues[0]?.path).toEqual(["amount"]);
});
