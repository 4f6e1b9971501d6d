import { describe, expect, test } from "vitest";
import { type CreateAuction, createAuctionSchema } from "../../shared/terms.ts";
import { dropTerms, dutchTerms, englishTerms, RUN_MS, sealedTerms, START_MS } from "../support/builders.ts";

const ENDS_MS = START_MS + RUN_MS;

/** Paths of the fields at fault, as JSON pointers. */
function faults(changes: Record<string, unknown>, terms: CreateAuction = englishTerms()): string[] {
  const body = { ...terms, ...changes };
  const parsed = createAuctionSchema.safeParse(body);
  return [...new Set(parsed.error?.issues.map((issue) => `/${issue.path.join("/")}`))];
}

describe("the body of a create", () => {
  test("is read into terms", () => {
    expect(createAuctionSchema.parse(englishTerms())).toEqual(englishTerms());
  });

  test.each([
    ["an empty title", { title: "" }, "/title"],
    ["a title of spaces", { title: "   " }, "/title"],
    ["a title of 201 characters", { title: "x".repeat(201) }, "/title"],
    ["a title with NUL", { title: "a\0b" }, "/title"],
    ["a title with half an emoji", { title: "a\ud83d" }, "/title"],
    ["no title", { title: undefined }, "/title"],
    ["a currency that is none", { currency: "EURO" }, "/currency"],
    ["a lower-case currency", { currency: "eur" }, "/currency"],
    ["a fractional start price", { startPrice: 9.99 }, "/startPrice"],
    ["a start price of nothing", { startPrice: 0 }, "/startPrice"],
    ["a negative start price", { startPrice: -1 }, "/startPrice"],
    ["a start price beyond the safe integers", { startPrice: 2 ** 53 }, "/startPrice"],
    ["a start price in a string", { startPrice: "1000" }, "/startPrice"],
    ["no increment", { increment: undefined }, "/increment"],
    ["an increment of nothing", { increment: 0 }, "/increment"],
    ["no tiers", { increment: [] }, "/increment"],
    ["tiers that do not start at 0", { increment: [{ from: 1, step: 5 }] }, "/increment"],
    [
      "tiers that stand still",
      {
        increment: [
          { from: 0, step: 5 },
          { from: 0, step: 9 },
        ],
      },
      "/increment",
    ],
    [
      "tiers that fall",
      {
        increment: [
          { from: 0, step: 5 },
          { from: 50, step: 9 },
          { from: 20, step: 9 },
        ],
      },
      "/increment",
    ],
    ["a tier whose step is nothing", { increment: [{ from: 0, step: 0 }] }, "/increment/0/step"],
    ["33 tiers", { increment: Array.from({ length: 33 }, (_, i) => ({ from: i, step: 1 })) }, "/increment"],
    ["no end", { endsAt: undefined }, "/endsAt"],
    ["an end that is no moment", { endsAt: "tomorrow" }, "/endsAt"],
    ["an end on a day that does not exist", { endsAt: "2027-02-30T00:00:00Z" }, "/endsAt"],
    ["an end without a zone", { endsAt: "2027-02-03T00:00:00" }, "/endsAt"],
    ["an end before 1970", { endsAt: -1 }, "/endsAt"],
    ["an end at the start", { startsAt: ENDS_MS, endsAt: ENDS_MS }, "/endsAt"],
    ["an end before the start", { startsAt: ENDS_MS + 1 }, "/endsAt"],
    ["a start that is no moment", { startsAt: 1.5 }, "/startsAt"],
    ["a format that there is not", { format: "raffle" }, "/format"],
    ["no format", { format: undefined }, "/format"],
  ])("with %s names the field", (_what, changes, pointer) => {
    expect(faults(changes)).toContain(pointer);
  });

  test("with an unknown field is refused, and the field is named", () => {
    const parsed = createAuctionSchema.safeParse({ ...englishTerms(), reserve: 5 });
    expect(parsed.error?.issues).toMatchObject([{ code: "unrecognized_keys", keys: ["reserve"] }]);
  });

  test.each([null, 7, "x", [], [englishTerms()]])("may not be %j", (body) => {
    expect(createAuctionSchema.safeParse(body).success).toBe(false);
  });

  test("reads moments from RFC 3339 with any offset into milliseconds, and is the same body when read again", () => {
    const read = createAuctionSchema.parse({
      ...englishTerms(),
      startsAt: "2027-01-15T09:00:00+01:00",
      endsAt: "2027-01-15T08:00:00.250Z",
    });
    expect([read.startsAt, read.endsAt]).toEqual([Date.UTC(2027, 0, 15, 8), Date.UTC(2027, 0, 15, 8) + 250]);
    expect(createAuctionSchema.parse(JSON.parse(JSON.stringify(read)))).toEqual(read);
  });

  test("trims the title, keeps its letters", () => {
    expect(createAuctionSchema.parse({ ...englishTerms(), title: "  Früher Öltank 🔨 " }).title).toBe(
      "Früher Öltank 🔨",
    );
  });
});

describe("the terms of an english auction", () => {
  const softClose = (changes: object) => ({
    startsAt: START_MS,
    softClose: { windowMs: 1_000, extendMs: 1_000, ...changes },
  });

  test.each<[string, Record<string, unknown>, string]>([
    ["a reserve below the start", { reservePrice: 999 }, "/reservePrice"],
    ["a buy-now price below the start", { buyNowPrice: 999 }, "/buyNowPrice"],
    ["a buy-now price below the reserve", { reservePrice: 5_000, buyNowPrice: 4_999 }, "/buyNowPrice"],
    ["a soft close longer than the auction", softClose({ windowMs: RUN_MS + 1 }), "/softClose/windowMs"],
    ["a soft close without a window", softClose({ windowMs: 0 }), "/softClose/windowMs"],
    ["a soft close that extends by nothing", softClose({ extendMs: 0 }), "/softClose/extendMs"],
    ["a soft close of more than a year", softClose({ extendMs: 367 * 86_400_000 }), "/softClose/extendMs"],
    ["a soft close that never extends", softClose({ maxExtensions: 0 }), "/softClose/maxExtensions"],
    ["no time to pay", { settlement: { payWithinMs: 0 } }, "/settlement/payWithinMs"],
    [
      "a second chance that no unpaid order brings",
      { settlement: { secondChance: true } },
      "/settlement/payWithinMs",
    ],
  ])("with %s name the field", (_what, changes, pointer) => {
    expect(faults(changes)).toEqual([pointer]);
  });

  test("may go to the borders of these", () => {
    expect(faults({ reservePrice: 1_000, buyNowPrice: 1_000 })).toEqual([]);
    expect(faults({ reservePrice: 5_000, buyNowPrice: 5_000 })).toEqual([]);
    expect(
      faults(softClose({ windowMs: RUN_MS, extendMs: 366 * 86_400_000, maxExtensions: 10_000 })),
    ).toEqual([]);
  });

  test("without a start leave the soft close's length to the log's clock", () => {
    expect(faults({ softClose: { windowMs: RUN_MS + 1, extendMs: 1 } })).toEqual([]);
  });

  test("name every field at fault at once", () => {
    expect(faults({ startsAt: ENDS_MS + 1, reservePrice: 1, buyNowPrice: 2 })).toEqual([
      "/endsAt",
      "/reservePrice",
      "/buyNowPrice",
    ]);
  });
});

describe("the terms of a dutch auction", () => {
  test.each<[string, Record<string, unknown>, string]>([
    ["a floor above the start", { floorPrice: 1_001 }, "/floorPrice"],
    ["a floor of nothing", { floorPrice: 0 }, "/floorPrice"],
    ["a step of nothing", { stepAmount: 0 }, "/stepAmount"],
    ["more steps than anybody watches", { startPrice: 86_402, floorPrice: 1, stepAmount: 1 }, "/stepAmount"],
    ["steps faster than ten a second", { stepMs: 99 }, "/stepMs"],
    ["a grace beside an end", { endsAt: ENDS_MS, graceMs: 1_000 }, "/graceMs"],
    ["no units", { units: 0 }, "/units"],
    ["more than a million units", { units: 1_000_001 }, "/units"],
    ["units that no safe integer pays for", { startPrice: 2 ** 52, stepAmount: 2 ** 51, units: 3 }, "/units"],
    ["an end before the start", { startsAt: ENDS_MS, endsAt: ENDS_MS }, "/endsAt"],
  ])("with %s name the field", (_what, changes, pointer) => {
    expect(faults(changes, dutchTerms())).toEqual([pointer]);
  });

  test("may go to the borders of these", () => {
    for (const changes of [
      { floorPrice: 1_000 },
      { startPrice: 86_401, floorPrice: 1, stepAmount: 1 },
      { stepMs: 100 },
      { graceMs: 1_000 },
      { endsAt: ENDS_MS },
      { units: 1_000_000 },
      { startPrice: Number.MAX_SAFE_INTEGER, stepAmount: Number.MAX_SAFE_INTEGER, units: 1 },
    ])
      expect(faults(changes, dutchTerms())).toEqual([]);
  });
});

describe("the terms of a sealed auction", () => {
  test.each<[string, Record<string, unknown>, string]>([
    ["no pricing", { pricing: undefined }, "/pricing"],
    ["a third price", { pricing: "third" }, "/pricing"],
    ["a reserve of nothing", { reservePrice: 0 }, "/reservePrice"],
    ["no end", { endsAt: undefined }, "/endsAt"],
    ["an end at the start", { startsAt: ENDS_MS }, "/endsAt"],
  ])("with %s name the field", (_what, changes, pointer) => {
    expect(faults(changes, sealedTerms())).toEqual([pointer]);
  });
});

describe("the terms of a drop", () => {
  test.each<[string, Record<string, unknown>, string]>([
    ["no units", { units: 0 }, "/units"],
    ["half a unit", { units: 1.5 }, "/units"],
    ["no number of units", { units: undefined }, "/units"],
    ["units that no safe integer pays for", { price: 2 ** 52, units: 3 }, "/units"],
    ["nothing for one bidder", { perBidder: 0 }, "/perBidder"],
    ["a hold of nothing", { holdMs: 0 }, "/holdMs"],
    ["no price", { price: undefined }, "/price"],
    ["no end", { endsAt: undefined }, "/endsAt"],
  ])("with %s name the field", (_what, changes, pointer) => {
    expect(faults(changes, dropTerms())).toEqual([pointer]);
  });

  test("may cost exactly the largest safe integer together", () => {
    expect(faults({ price: (2 ** 53 - 1) / 6_361, units: 6_361 }, dropTerms())).toEqual([]);
    expect(faults({ price: (2 ** 53 - 1) / 6_361 + 1, units: 6_361 }, dropTerms())).toEqual(["/units"]);
  });
});

describe("a field of another format", () => {
  test.each<[CreateAuction, string]>([
    [englishTerms(), "units"],
    [englishTerms(), "pricing"],
    [dutchTerms(), "buyNowPrice"],
    [dutchTerms(), "reservePrice"],
    [sealedTerms(), "softClose"],
    [sealedTerms(), "startPrice"],
    [dropTerms(), "increment"],
    [dropTerms(), "settlement"],
  ])("is refused by name: $format with %s", (terms, field) => {
    const parsed = createAuctionSchema.safeParse({ ...terms, [field]: 1 });
    expect(parsed.error?.issues).toMatchObject([{ code: "unrecognized_keys", keys: [field] }]);
  });
});

test.each([englishTerms(), dutchTerms(), sealedTerms(), dropTerms()])(
  "the terms of a $format auction are unchanged by being read",
  (terms) => {
    expect(createAuctionSchema.parse(terms)).toEqual(terms);
  },
);

// The core reads again what the edge has read: what the one lets through and the other refuses would come back as
// `internal_error` instead of naming its field.
test("a moment before 1970 is refused in either spelling", () => {
  expect(faults({ startsAt: "1969-07-20T20:17:40Z" })).toContain("/startsAt");
});
