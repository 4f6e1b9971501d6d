import { describe, expect, test } from "vitest";
import {
  auctionIdOfSubject,
  commandsOfSlot,
  commandStream,
  commandSubject,
  orderSubject,
  querySubject,
  resultSubject,
  streamOf,
} from "../../shared/subjects.ts";

const HOSTILE = [
  "",
  "*",
  "a*",
  ">",
  "a.b",
  ".",
  "..",
  "a b",
  "a\r\nPUB x 0",
  "a\n",
  "a\0",
  "ä",
  "аlice",
  "🔨",
  "\ud800",
  "a".repeat(65),
];

describe("a subject", () => {
  test("is spelled in one way", () => {
    expect(commandSubject(7, "auction-1")).toBe("commands.7.auction-1");
    expect(commandsOfSlot(7)).toBe("commands.7.*");
    expect(resultSubject(7, "auction-1")).toBe("results.7.auction-1");
    expect(orderSubject(7, "auction-1")).toBe("orders.7.auction-1");
    expect(querySubject("auction")).toBe("queries.auction");
    expect(commandStream(1)).toBe("COMMANDS-1");
  });

  test.each(HOSTILE)("is never made of %j", (id) => {
    expect(() => commandSubject(0, id)).toThrow(TypeError);
    expect(() => resultSubject(0, id)).toThrow(TypeError);
    expect(() => orderSubject(0, id)).toThrow(TypeError);
  });

  test("says in its refusal nothing of what it was given, which may be anything", () => {
    expect(() => commandSubject(0, "evil\r\n")).toThrow(/^((?!evil).)*$/s);
  });

  test("gives its auction back", () => {
    expect(auctionIdOfSubject(commandSubject(7, "auction-1"))).toBe("auction-1");
    expect(auctionIdOfSubject(resultSubject(63, "_-9"))).toBe("_-9");
    expect(auctionIdOfSubject(orderSubject(63, "a"))).toBe("a");
  });

  test.each([
    "commands.7.",
    "commands.7.*",
    "commands.7.>",
    "commands.7.ä",
    "commands.7.a\0",
    "",
    "commands.7.a\n",
  ])("of nobody's, %j, has no auction", (subject) => {
    expect(auctionIdOfSubject(subject)).toBeUndefined();
  });
});

test("every slot has one stream, and the streams share the slots evenly", () => {
  const streams = Array.from({ length: 64 }, (_, slot) => streamOf(slot, 2));
  expect(streams.filter((stream) => stream === 0)).toHaveLength(32);
  expect(streams.filter((stream) => stream === 1)).toHaveLength(32);
  expect(Array.from({ length: 64 }, (_, slot) => streamOf(slot, 1)).every((stream) => stream === 0)).toBe(
    true,
  );
});
