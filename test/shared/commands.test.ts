import { describe, expect, test } from "vitest";
import {
  commandSchema,
  envelopeSchema,
  MAX_COMMANDS_PER_ENVELOPE,
  RULES_VERSION,
} from "../../shared/commands.ts";
import { WIRE_VERSION } from "../../shared/wire-version.ts";
import {
  alice,
  bid,
  bidOf,
  buyNow,
  claim,
  create,
  dropTerms,
  dutchTerms,
  envelope,
  manage,
  olga,
  proxyBid,
  sam,
  SECRET_SALT,
  sealedTerms,
  tick,
} from "../support/builders.ts";

/** As an edge of version 1 wrote it. It may lie in a log for ever, so every later version must read it. */
const VERSION_1 = `{"v":1,"id":"envelope-1","origin":"auction-1/local/0","commands":[
  {"type":"create","sellerId":"sam","key":"lot-1","rules":1,"aliasSalt":"salt-of-the-tests-0001","body":{"format":"english","title":"A lot",
   "currency":"EUR","startsAt":1800000000000,"endsAt":1800000060000,"startPrice":1000,"increment":[{"from":0,"step":5}]}},
  {"type":"bid","bidderId":"alice","key":"k","body":{"amount":1000},"trace":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
  {"type":"tick"}]}`;

/** As an edge of version 2 writes it. */
const VERSION_2 = `{"v":2,"id":"envelope-2","origin":"auction-1/local/0","commands":[
  {"type":"create","sellerId":"sam","key":"lot-1","rules":1,"aliasSalt":"salt-of-the-tests-0001","secretSalt":"secret-salt-of-tests-01",
   "body":{"title":"A lot","currency":"EUR","endsAt":1800000060000,"format":"english","startPrice":1000,"increment":100,"reservePrice":3000,
   "buyNowPrice":9000,"softClose":{"windowMs":10000,"extendMs":10000,"maxExtensions":3},"settlement":{"payWithinMs":5000,"secondChance":true}}},
  {"type":"create","sellerId":"sam","key":"lot-2","rules":1,"aliasSalt":"salt-of-the-tests-0001","body":{"title":"A lot","currency":"EUR",
   "graceMs":5000,"format":"dutch","startPrice":1000,"floorPrice":500,"stepAmount":100,"stepMs":1000,"units":5}},
  {"type":"create","sellerId":"sam","key":"lot-3","rules":1,"aliasSalt":"salt-of-the-tests-0001","body":{"title":"A lot","currency":"JPY",
   "endsAt":1800000060000,"format":"sealed","pricing":"second","reservePrice":3000}},
  {"type":"create","sellerId":"sam","key":"lot-4","rules":1,"aliasSalt":"salt-of-the-tests-0001","body":{"title":"A lot","currency":"KWD",
   "endsAt":1800000060000,"format":"drop","price":2500,"units":7000,"perBidder":2,"holdMs":600000}},
  {"type":"bid","bidderId":"alice","key":"a","body":{"amount":1000,"maxAmount":5000}},
  {"type":"bid","bidderId":"alice","key":"b","body":{"buyNow":true}},
  {"type":"bid","bidderId":"alice","key":"c","body":{"amount":900,"quantity":3,"partial":true}},
  {"type":"bid","bidderId":"alice","key":"d","body":{"quantity":2,"waitlist":true}},
  {"type":"bid","bidderId":"alice","key":"e","body":{}},
  {"type":"manage","actorId":"sam","role":"seller","key":"f","body":{"action":"cancel","reason":"damaged"}},
  {"type":"manage","actorId":"sam","role":"seller","key":"g","body":{"action":"end","reason":"in a hurry"}},
  {"type":"manage","actorId":"sam","role":"seller","key":"h","body":{"action":"change_end","endsAt":1800000090000,"reason":"a holiday"}},
  {"type":"manage","actorId":"olga","role":"operator","key":"i","body":{"action":"block","bidderId":"bob","reason":"chargebacks"}},
  {"type":"manage","actorId":"olga","role":"operator","key":"j","body":{"action":"unblock","bidderId":"bob","reason":"paid up"}},
  {"type":"manage","actorId":"olga","role":"operator","key":"k","body":{"action":"retract","bidId":"bid-1","bidderId":"bob","reason":"an error"}},
  {"type":"manage","actorId":"olga","role":"operator","key":"l","body":{"action":"confirm","orderId":"auction-1-1"}},
  {"type":"manage","actorId":"bob","role":"bidder","key":"m","body":{"action":"release","orderId":"auction-1-1"}},
  {"type":"manage","actorId":"olga","role":"operator","key":"n","body":{"action":"expire","orderId":"auction-1-1","reason":"unpaid"}},
  {"type":"manage","actorId":"olga","role":"operator","key":"o","body":{"action":"second_chance","orderId":"auction-1-1"}},
  {"type":"tick"}]}`;

describe("an envelope", () => {
  test.each([
    [1, VERSION_1],
    [2, VERSION_2],
  ])("of version %i is still read, whole and unchanged", (_version, text) => {
    expect(envelopeSchema.parse(JSON.parse(text))).toEqual(JSON.parse(text));
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

const manageSomething = manage(olga, "operator", { action: "cancel", reason: "recalled" });

describe("a command", () => {
  test.each([
    ["a bid with an unknown field", { ...bid(alice, 1), amount: 1 }],
    ["a bid whose body has one", { ...bid(alice, 1), body: { amount: 1, maximum: 2 } }],
    ["a bid whose fields contradict each other", bidOf(alice, { buyNow: true, amount: 1 })],
    ["a bid without a key", { ...bid(alice, 1), key: undefined }],
    ["a bid of a bidder with a wildcard", bid("*", 1)],
    ["a bid of a fraction", bid(alice, 0.5)],
    ["a create with a short salt", { ...create(), aliasSalt: "short" }],
    ["a create with a slash in its salt", { ...create(), aliasSalt: "salt/of/the/tests/1" }],
    ["a create with a short salt for secrets", { ...create(), secretSalt: "short" }],
    ["a create by rules from the future", { ...create(), rules: RULES_VERSION + 1 }],
    ["a create by no rules", { ...create(), rules: 0 }],
    ["a create whose terms contradict each other", create({ reservePrice: 1 })],
    ["a command of no role", { ...manageSomething, role: undefined }],
    ["a command of a role that there is not", { ...manageSomething, role: "admin" }],
    ["a command of an actor with a wildcard", { ...manageSomething, actorId: "*" }],
    ["a command without a key", { ...manageSomething, key: undefined }],
    ["a tick that says more", { ...tick, at: 1 }],
    ["of no known type", { type: "steal" }],
  ])("%s is refused", (_what, bad) => {
    expect(commandSchema.safeParse(bad).success).toBe(false);
  });

  test("is unchanged by being read", () => {
    for (const command of [
      bid(alice, 1),
      proxyBid(alice, 1),
      buyNow(alice),
      claim(alice, { quantity: 2, partial: true }),
      create(),
      { ...create(sealedTerms()), secretSalt: SECRET_SALT },
      create(dutchTerms()),
      create(dropTerms()),
      manageSomething,
      manage(sam, "seller", { action: "change_end", endsAt: 1, reason: "a holiday" }),
      tick,
    ])
      expect(commandSchema.parse(command)).toEqual(command);
  });
});
