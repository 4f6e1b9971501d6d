import { describe, expect, test } from "vitest";
import {
  auctionIdFor,
  bidderAliasFor,
  bidIdFor,
  ID_PATTERN,
  idempotencyKeySchema,
  idSchema,
  manageIdFor,
} from "../../shared/ids.ts";

/** What must never reach a NATS subject, or would be read there as something else. */
export const HOSTILE = [
  ["empty", ""],
  ["a star", "*"],
  ["a star inside", "a*b"],
  ["a tail wildcard", ">"],
  ["a dot", "a.b"],
  ["two dots", "a..b"],
  ["a space", "a b"],
  ["a tab", "a\tb"],
  ["CRLF", "a\r\nPUB x 1"],
  ["a trailing newline", "a\n"],
  ["NUL", "a\0b"],
  ["a slash", "a/b"],
  ["a colon", "a:b"],
  ["an accent", "ä"],
  ["a lookalike letter", "аlice"],
  ["a full-width digit", "１"],
  ["an emoji", "🔨"],
  ["a lone surrogate", "\ud800"],
  ["65 characters", "a".repeat(65)],
] as const;

describe("an id", () => {
  test.each(["a", "0", "_", "-", "Z9_-", "a".repeat(64), "__proto__"])("may be %s", (id) => {
    expect(idSchema.parse(id)).toBe(id);
    expect(ID_PATTERN.test(id)).toBe(true);
  });

  test.each(HOSTILE)("may not have %s", (_what, id) => {
    expect(idSchema.safeParse(id).success).toBe(false);
    expect(ID_PATTERN.test(id)).toBe(false);
  });

  test.each([[null], [7], [["a"]], [{}], [undefined]])("may not be %j", (id) => {
    expect(idSchema.safeParse(id).success).toBe(false);
  });

  test("is checked without memory: the same answer twice", () => {
    expect([ID_PATTERN.test("a"), ID_PATTERN.test("a"), ID_PATTERN.test("a.")]).toEqual([true, true, false]);
  });
});

describe("an idempotency key", () => {
  test.each([
    "k",
    "01JD7Z4ZC5Q0XH8W9Y2V3T4R5S",
    "7b0e9a52-9f0e-4d0a-8a64-1d7f8d1a6b11",
    "order:7.1",
    "a".repeat(64),
  ])("may be %s", (key) => {
    expect(idempotencyKeySchema.parse(key)).toBe(key);
  });

  test.each(HOSTILE.filter(([, key]) => !/^[\w.:-]+$/.test(key) || key.length > 64))(
    "may not have %s",
    (_what, key) => {
      expect(idempotencyKeySchema.safeParse(key).success).toBe(false);
    },
  );
});

describe("a derived id", () => {
  /** Computed with `printf <text> | openssl dgst -sha256 -binary | base64`. A change would orphan every stored retry. */
  test("is fixed: the same key finds the same auction, bid and alias for ever", () => {
    expect(auctionIdFor("sam", "lot-1")).toBe("1e2LqMbjiwNi-xiqiOH2ud");
    expect(bidIdFor("1e2LqMbjiwNi-xiqiOH2ud", "alice", "key-1")).toBe("pnHqxh1loDsXQer1162os1");
    expect(manageIdFor("1e2LqMbjiwNi-xiqiOH2ud", "olga", "key-1")).toBe("lqAwCvp35Tv50EW1Ww-sf3");
    expect(bidderAliasFor("salt-of-the-tests-0001", "alice")).toBe("b-DkWQd2gcDI");
  });

  test("of a command is another than that of a bid with the same key", () => {
    expect(manageIdFor("a", "b", "k")).not.toBe(bidIdFor("a", "b", "k"));
    expect(manageIdFor("a", "b", "k")).not.toBe(manageIdFor("a", "k", "b"));
  });

  test("is itself an id, so that it may stand in a subject", () => {
    const ids = [auctionIdFor("s", "k"), bidIdFor("a", "b", "k"), bidderAliasFor("s".repeat(16), "b")];
    for (const id of ids) expect(idSchema.parse(id)).toBe(id);
  });

  test("differs when anything in it differs, wherever the border between the parts lies", () => {
    const bids = [
      bidIdFor("a", "b", "c"),
      bidIdFor("a", "bc", "c"),
      bidIdFor("ab", "b", "c"),
      bidIdFor("a", "b", "cc"),
      bidIdFor("b", "a", "c"),
    ];
    expect(
      new Set([...bids, auctionIdFor("a", "b"), auctionIdFor("ab", ""), auctionIdFor("b", "a")]).size,
    ).toBe(8);
  });
});
