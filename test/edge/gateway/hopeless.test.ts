import { expect, test } from "vitest";
import { isHopeless } from "../../../edge/gateway/hopeless.ts";
import { openAuction, outcomeAt } from "../builders.ts";

const closed = openAuction({ status: "closed", version: 9 });
const asked = (version: number, outcome = null as ReturnType<typeof outcomeAt> | null) => ({
  outcome,
  bidder: null,
  version,
});

test("an unknown key on an auction that was seen to close is refused without the log", () => {
  expect(isHopeless(closed, asked(9))).toBe(true);
});

test("a key with an outcome goes to the log, which answers with the first one (I9)", () => {
  expect(isHopeless(closed, asked(9, outcomeAt(0)))).toBe(false);
});

test("a core that is behind the close, or does not answer, leaves it to the log", () => {
  expect(isHopeless(closed, asked(8))).toBe(false);
  expect(isHopeless(closed, undefined)).toBe(false);
  expect(isHopeless(closed, null)).toBe(false);
});

test("nothing is hopeless while the auction is not seen closed, whatever any clock says", () => {
  expect(isHopeless(openAuction({ endsAt: 0 }), asked(9))).toBe(false);
  expect(isHopeless(undefined, asked(9))).toBe(false);
});
