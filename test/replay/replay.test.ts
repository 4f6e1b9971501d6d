import { expect, test } from "vitest";
import { parseEbayBids } from "./ebay-bids.ts";
import { naiveCourse } from "./ebay-rules.ts";
import { parseOptions } from "./options.ts";
import { renderReport } from "./report.ts";
import { summaryOf, verdictOn } from "./verdict.ts";

const HEADER = "auction,item,days,bidder,max_cents,at_ms,open_cents,close_cents";
const bids = (...maxima: [bidder: string, maxCents: number][]) =>
  maxima.map(([bidder, maxCents]) => ({ bidder, maxCents }));
const prices = (openCents: number, ...maxima: [string, number][]) =>
  naiveCourse({ openCents, bids: bids(...maxima) }).steps.map(({ priceCents }) => priceCents);

test("the first bid stands at the opening, whatever its maximum", () => {
  expect(prices(100, ["a", 99], ["a", 5_000])).toEqual([null, 100]);
});

test("a new leader pays one increment above the old maximum, or all of the own one when that is less", () => {
  expect(prices(100, ["a", 1_000], ["b", 2_000])).toEqual([100, 1_050]);
  expect(prices(100, ["a", 1_000], ["b", 1_010])).toEqual([100, 1_010]);
});

test("a losing bid lifts the price to one increment above it, at most to the leader's maximum", () => {
  expect(prices(100, ["a", 1_000], ["b", 300], ["c", 1_000])).toEqual([100, 325, 1_000]);
});

test("the leader's own raise leaves the price, and too little is refused", () => {
  const { steps, winner } = naiveCourse({
    openCents: 100,
    bids: bids(["a", 500], ["a", 900], ["a", 900], ["b", 120]),
  });
  expect(steps.map(({ accepted }) => accepted)).toEqual([true, true, false, false]);
  expect(steps.at(-1)?.priceCents).toBe(100);
  expect(winner).toBe("a");
});

test("bids are read by auction, in the order of the file", () => {
  const auctions = parseEbayBids(
    `${HEADER}\n1,Watch,7,b1,500,10,100,525\n2,Pilot,3,b1,700,1,1,1\n1,Watch,7,b2,600,20,100,525\n`,
  );
  expect(auctions).toEqual([
    { id: "1", item: "Watch", openCents: 100, closeCents: 525, bids: bids(["b1", 500], ["b2", 600]) },
    { id: "2", item: "Pilot", openCents: 1, closeCents: 1, bids: bids(["b1", 700]) },
  ]);
});

test.each([
  ["another header", "a,b,c\n", "does not begin with"],
  ["a bid without an amount", `${HEADER}\n1,Watch,7,b1,,10,100,525\n`, "line 2 is no bid"],
  ["half a row", `${HEADER}\n1,Watch\n`, "line 2 is no bid"],
  [
    "a bid before its time",
    `${HEADER}\n1,W,7,b1,500,10,100,525\n1,W,7,b1,500,9,100,525\n`,
    "line 3 comes before",
  ],
])("%s is refused", (_, csv, message) => {
  expect(() => parseEbayBids(csv)).toThrow(message);
});

const auction = {
  id: "7",
  item: "Watch",
  openCents: 100,
  closeCents: 525,
  bids: bids(["a", 500], ["b", 600]),
};

test("an auction that goes as it should has nothing to explain", () => {
  const verdict = verdictOn(auction, naiveCourse(auction));
  expect(verdict).toEqual({
    auction: "7",
    item: "Watch",
    bids: 2,
    oursCents: 550,
    ebayCents: 525,
    naiveCents: 550,
    why: expect.stringContaining("retracted") as string,
  });
  expect(verdictOn({ ...auction, closeCents: 550 }, naiveCourse(auction))).not.toHaveProperty("why");
});

test.each([
  [560, "a reserve was met"],
  [600, "all of the winner's maximum"],
  [700, "a bid is missing"],
])("a close of %d is explained: %s", (closeCents, why) => {
  expect(verdictOn({ ...auction, closeCents }, naiveCourse(auction)).why).toContain(why);
});

test("an engine that decides a bid, a price or the winner otherwise is told where", () => {
  const { steps, winner } = naiveCourse(auction);
  const refused = [steps[0] ?? { accepted: true, priceCents: null }, { accepted: false, priceCents: 100 }];
  const wrongPrice = steps.map((step) => ({ ...step, priceCents: 1 }));
  expect(verdictOn(auction, { steps: refused, winner }).parting).toBe("bid 2 should be accepted");
  expect(verdictOn(auction, { steps: wrongPrice, winner }).parting).toBe("bid 1 should lead to 100");
  expect(verdictOn(auction, { steps, winner: "a" }).parting).toBe("b should win, not a");
});

test("the report lists deviations only and says how many closed at eBay's price", () => {
  const good = verdictOn({ ...auction, id: "8", closeCents: 550 }, naiveCourse(auction));
  const report = renderReport([verdictOn(auction, naiveCourse(auction)), good]);
  expect(report).toContain("5.50  5.25   5.50");
  expect(report).toContain("closed at eBay's own price: 1 of 2");
  expect(report).not.toMatch(/^8/m);
  expect(summaryOf([good])).toEqual({ auctions: 1, atEbaysPrice: 1, unlikeNaive: 0, passed: false });
});

test("the options are read, and mistakes named", () => {
  expect(parseOptions([])).toEqual({
    run: { file: "../shared/data/ebay-bids.csv", json: false, edge: undefined, data: undefined },
  });
  expect(parseOptions(["a.csv", "--edge", "http://127.0.0.1:8787/"])).toMatchObject({
    run: { file: "a.csv", edge: "http://127.0.0.1:8787" },
  });
  expect(parseOptions(["a", "b"])).toHaveProperty("mistake");
  expect(parseOptions(["--edge", "here"])).toHaveProperty("mistake");
  expect(parseOptions(["--data", "x"])).toHaveProperty("mistake");
  expect(parseOptions(["x", "-h"])).toEqual({ help: true });
});
