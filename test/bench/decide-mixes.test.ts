import { expect, test } from "vitest";
import { decideMixes, type DecideMixName, dropClaims } from "./decide-mixes.ts";
import { decider } from "./deciding.ts";

/** What a mix is about is that so many of its bids are accepted: of a wrong one the figure would mean nothing. */
const ACCEPTED: Record<DecideMixName, [atLeast: number, atMost: number]> = {
  plain: [0.24, 0.26],
  rising: [1, 1],
  proxy: [0.6, 0.65],
  sealed: [1, 1],
  drop: [0.07, 0.07],
  dutch: [0.24, 0.26],
};

test.each(Object.keys(decideMixes) as DecideMixName[])(
  "two passes over the %s bids come to the same end, with as many accepted as the mix is meant for (I2, I5)",
  (name) => {
    const mix = decideMixes[name]();
    const decide = decider(mix);
    const [first, second] = [decide(), decide()];
    const share = first.accepted / mix.bids.length;
    expect(share).toBeGreaterThanOrEqual(ACCEPTED[name][0]);
    expect(share).toBeLessThanOrEqual(ACCEPTED[name][1]);
    expect([second.accepted, second.version]).toEqual([first.accepted, first.version]);
  },
);

test("every bidder claims as often as was asked, each time with another key", () => {
  const claims = dropClaims(50, 2);
  expect(new Set(claims.map(({ key }) => key)).size).toBe(100);
  expect(new Set(claims.map(({ bidderId }) => bidderId)).size).toBe(50);
});
