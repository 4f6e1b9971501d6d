import { describe, expect, test } from "vitest";
import { CURRENCIES, minorUnitDigits } from "../../shared/currencies.ts";

/** ISO 4217, list one: the currencies in circulation whose minor unit is not a hundredth. */
const NO_DIGITS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split(" ");
const THREE_DIGITS = "BHD IQD JOD KWD LYD OMR TND".split(" ");

describe("the digits of a currency's minor unit", () => {
  test.each(NO_DIGITS)("of %s are none", (code) => {
    expect(CURRENCIES.has(code)).toBe(true);
    expect(minorUnitDigits(code)).toBe(0);
  });

  test.each(THREE_DIGITS)("of %s are three", (code) => {
    expect(CURRENCIES.has(code)).toBe(true);
    expect(minorUnitDigits(code)).toBe(3);
  });

  test("of all others are two", () => {
    const others = [...CURRENCIES].filter(
      (code) => !NO_DIGITS.includes(code) && !THREE_DIGITS.includes(code),
    );
    expect(others.filter((code) => minorUnitDigits(code) !== 2)).toEqual([]);
    expect(others).toEqual(expect.arrayContaining(["EUR", "USD", "CHF", "GBP", "MGA", "MRU", "HUF", "TWD"]));
  });
});

test("codes are three capitals, none twice", () => {
  for (const code of CURRENCIES) expect(code).toMatch(/^[A-Z]{3}$/);
  expect(CURRENCIES.size).toBeGreaterThan(150);
});

test("no code is one that nobody pays with: metals, funds, tests and those that have gone", () => {
  for (const code of ["XAU", "XDR", "XTS", "XXX", "CLF", "UYI", "DEM", "HRK", "ZWL", "SLL", "ANG"])
    expect(CURRENCIES.has(code)).toBe(false);
});
