import { describe, expect, test } from "vitest";
import { amountSchema, currencySchema } from "../../shared/money.ts";

const messageOf = (value: unknown) => amountSchema.safeParse(value).error?.issues[0]?.message;

describe("an amount", () => {
  test.each([1, 100, 1_000_000_000_000, Number.MAX_SAFE_INTEGER])("may be %i minor units", (amount) => {
    expect(amountSchema.parse(amount)).toBe(amount);
  });

  test.each([
    [0, "at least 1"],
    [-0, "at least 1"],
    [-1, "at least 1"],
    [1.5, "whole number"],
    [0.1 + 0.2, "whole number"],
    [Number.NaN, "whole number"],
    ["100", "whole number"],
    [null, "whole number"],
    [[100], "whole number"],
    [100n, "whole number"],
    [true, "whole number"],
  ])("may not be %s, and says why", (amount, why) => {
    expect(messageOf(amount)).toContain(why);
  });

  test.each([Number.MAX_SAFE_INTEGER + 1, 2 ** 60, 1e300, Number.POSITIVE_INFINITY])(
    "may not be %d, beyond the safe integers",
    (amount) => {
      expect(amountSchema.safeParse(amount).success).toBe(false);
    },
  );

  test("may be written in JSON with an exponent, as long as it is whole", () => {
    expect(amountSchema.parse(JSON.parse("1e3"))).toBe(1_000);
    expect(amountSchema.safeParse(JSON.parse("1e-3")).success).toBe(false);
  });
});

describe("a currency", () => {
  test.each(["EUR", "USD", "JPY", "KWD", "GBP", "CHF"])("may be %s", (code) => {
    expect(currencySchema.parse(code)).toBe(code);
  });

  test.each(["", "eur", "EU", "EURO", "€", "BTC1", " EUR", "ZZZ"])("may not be %j", (code) => {
    expect(currencySchema.safeParse(code).success).toBe(false);
  });
});
