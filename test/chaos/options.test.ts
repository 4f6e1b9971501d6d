import { expect, test } from "vitest";
import { parseOptions } from "./options.ts";

const parse = (...args: string[]) => parseOptions(args, () => 42);

test("without options a run takes five minutes and a seed of its own", () => {
  expect(parse()).toEqual({ run: { minutes: 5, seed: 42, bids: undefined, json: false, keep: false } });
});

test("minutes, seed and bids are taken as given", () => {
  expect(parse("--minutes", "0.5", "--seed", "7", "--bids", "1000000", "--json", "--keep")).toEqual({
    run: { minutes: 0.5, seed: 7, bids: 1_000_000, json: true, keep: true },
  });
});

test.each([
  ["--minutes", "0"],
  ["--minutes", "many"],
  ["--seed", "-1"],
  ["--seed", "1.5"],
  ["--bids", "0"],
  ["--bid", "5"],
])("%s %s is a mistake, and is named", (option, value) => {
  const parsed = parse(option, value);
  expect(parsed).toMatchObject({ mistake: expect.stringContaining(option) });
});
