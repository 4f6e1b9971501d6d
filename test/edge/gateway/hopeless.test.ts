import { describe, expect, test } from "vitest";
import { createHopelessCheck, hopelessReason } from "../../../edge/gateway/hopeless.ts";
import { CoreUnavailableError, type CoreQueries } from "../../../edge/reading/core-queries.ts";
import { openAuction, outcomeAt } from "../builders.ts";

const closed = openAuction({ status: "closed", version: 9 });
const asked = (version: number, outcome = null as ReturnType<typeof outcomeAt> | null) => ({
  outcome,
  bidder: null,
  version,
});

describe("what may be refused without the log", () => {
  test("an unknown key on an auction that was seen to close", () => {
    expect(hopelessReason(closed, asked(9))).toBe("auction_closed");
  });

  test("an unknown key on an auction that was seen to be cancelled, by that name", () => {
    expect(hopelessReason({ ...closed, status: "cancelled" }, asked(9))).toBe("auction_cancelled");
  });

  test("no key with an outcome: it goes to the log, which answers with the first one (I9)", () => {
    expect(hopelessReason(closed, asked(9, outcomeAt(0)))).toBeUndefined();
  });

  test("nothing while the core is behind the close", () => {
    expect(hopelessReason(closed, asked(8))).toBeUndefined();
    expect(hopelessReason(closed, null)).toBeUndefined();
  });

  test("nothing while the auction is not seen to be over, whatever any clock says", () => {
    expect(hopelessReason(openAuction({ endsAt: 0 }), asked(9))).toBeUndefined();
    expect(hopelessReason(openAuction({ status: "scheduled" }), asked(9))).toBeUndefined();
    expect(hopelessReason(undefined, asked(9))).toBeUndefined();
  });
});

describe("asking the core", () => {
  const checking = (status: "open" | "closed", ask: () => Promise<unknown>) =>
    createHopelessCheck({
      auctionId: "auction-1",
      queries: { ask } as unknown as CoreQueries,
      view: () => ({ ...closed, status }),
    });

  test("is only worth it once the auction is over", () => {
    expect(checking("open", async () => null).looks()).toBe(false);
    expect(checking("closed", async () => null).looks()).toBe(true);
  });

  test("gives the reason that the log would give", async () => {
    expect(await checking("closed", async () => asked(9)).reason("bob", "k")).toBe("auction_closed");
  });

  test.each([new CoreUnavailableError("down"), new TypeError("a bug")])(
    "that fails leaves the bid to the log (%s)",
    async (error) => {
      const failing = checking("closed", () => Promise.reject(error));
      expect(await failing.reason("bob", "k")).toBeUndefined();
    },
  );
});
