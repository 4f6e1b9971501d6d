import { expect, test } from "vitest";
import { parseOptions } from "./options.ts";

const known = ["rowlock", "websocket", "drain"];

test("without arguments every case runs with the usual amounts", () => {
  expect(parseOptions([], known)).toEqual({
    run: { cases: known, json: false, seconds: 10, bids: 1_000_000, data: undefined },
  });
});

test("the cases named run once each, in the bench's own order", () => {
  const parsed = parseOptions(["drain", "rowlock", "drain", "--json", "--seconds", "3"], known);
  expect(parsed).toMatchObject({ run: { cases: ["rowlock", "drain"], json: true, seconds: 3 } });
});

test.each([
  [["drian"], 'there is no case "drian"'],
  [["--seconds", "0"], "--seconds takes"],
  [["--seconds", "soon"], "--seconds takes"],
  [["--bids", "1.5"], "--bids takes"],
  [["--fast"], "--fast"],
])("%j is a mistake that is named", (args, mistake) => {
  expect(parseOptions(args, known)).toEqual({ mistake: expect.stringContaining(mistake) as string });
});

test("help wins over the rest", () => {
  expect(parseOptions(["drain", "--help"], known)).toEqual({ help: true });
});
