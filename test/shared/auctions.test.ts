import { describe, expect, test } from "vitest";
import { createAuctionSchema } from "../../shared/auctions.ts";
import { englishTerms, RUN_MS, START_MS } from "../support/builders.ts";

const ENDS_MS = START_MS + RUN_MS;

/** Paths of the fields at fault, as JSON pointers. */
function faults(changes: Record<string, unknown>): string[] {
  const body = { ...englishTerms(), ...changes };
  const parsed = createAuctionSchema.safeParse(body);
  return parsed.success ? [] : parsed.error.issues.map((issue) => `/${issue.path.join("/")}`);
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

// The core reads again what the edge has read: what the one lets through and the other refuses would come back as
// `internal_error` instead of naming its field.
test("a moment before 1970 is refused in either spelling", () => {
  expect(faults({ startsAt: "1969-07-20T20:17:40Z" })).toContain("/startsAt");
});
