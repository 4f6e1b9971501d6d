import { expect, test } from "vitest";
import type { Flight, PendingCommand } from "../../../edge/gateway/dispatcher.ts";
import { MAX_WAIT_MS } from "../../../edge/gateway/http-waiters.ts";
import { askForOverdue } from "../../../edge/gateway/overdue.ts";
import { CoreUnavailableError, type CoreQueries } from "../../../edge/reading/core-queries.ts";
import { bidIdFor } from "../../../shared/ids.ts";
import { outcomeAt } from "../builders.ts";

const bid = bidIdFor("auction-1", "bob", "a");

/** Asks for an envelope of these commands, sent so long ago, of a core that knows these bids; tells what was done. */
async function asking(kinds: PendingCommand["kind"][], core: Record<string, object> | "down", agoMs = 5_000) {
  const said: string[] = [];
  const target = { wantsAck: false, decided: () => {}, queued: () => {}, failed: () => {} };
  const commands = kinds.map((kind, i) => ({
    kind,
    actorId: "bob",
    key: "abc".charAt(i),
    json: "{}",
    target,
  }));
  const flight: Flight = {
    id: "envelope-1",
    lane: 0,
    commands,
    payload: "",
    urgent: false,
    firstSentAt: 0,
    state: "acked",
    maybeStored: false,
    dueAt: 0,
  };
  await askForOverdue(flight, {
    auctionId: "auction-1",
    queries: {
      ask: async (_: string, { bidId }: { bidId: string }) => {
        said.push(bidId === bid ? "asked for the first bid" : "asked for another bid");
        if (core === "down") throw new CoreUnavailableError("down");
        return { outcome: core[bidId] ?? null, bidder: null, version: 2 };
      },
    } as unknown as CoreQueries,
    decided: (id, outcomes) => {
      said.push(`${id}: ${outcomes.map((outcome) => outcome?.key ?? "nothing").join(", ")}`);
      return true;
    },
    refresh: async () => said.push("refreshed"),
    now: () => agoMs,
  });
  return said;
}

test("bids that the core has decided get their outcomes, and the feed what it missed (I1)", async () => {
  expect(await asking(["bid"], { [bid]: outcomeAt(0) })).toEqual([
    "asked for the first bid",
    "envelope-1: key-0",
    "refreshed",
  ]);
});

test("an envelope whose first bid is not decided is asked for no further", async () => {
  expect(await asking(["bid", "bid"], {})).toEqual(["asked for the first bid"]);
  expect(await asking(["bid", "bid"], "down")).toEqual(["asked for the first bid"]);
});

test("what is no bid keeps waiting, while the bids beside it are answered", async () => {
  expect(await asking(["bid", "manage"], { [bid]: outcomeAt(0) })).toEqual([
    "asked for the first bid",
    "envelope-1: key-0, nothing",
    "refreshed",
  ]);
});

test("an envelope without bids brings the feed up to date and is let go when nobody can wait for it any more", async () => {
  expect(await asking(["manage"], "down")).toEqual(["refreshed"]);
  expect(await asking(["create"], "down", MAX_WAIT_MS + 1)).toEqual(["refreshed", "envelope-1: "]);
});
