import { describe, expect, test } from "vitest";
import type { LedgerBid } from "../../support/ledger.ts";
import type { LoggedMessage } from "../../support/replay.ts";
import { findLosses, findUndecided } from "./find-losses.ts";
import type { Promises } from "./load.ts";

const AUCTION = "lot";
/** Two envelopes of two bids each, acknowledged at 7 and 8; the first one's bids were told to be accepted. */
const promises: Promises = {
  queued: [
    { auctionId: AUCTION, envelopeId: "e-1", seq: 7, keys: ["k-1", "k-2"] },
    { auctionId: AUCTION, envelopeId: "e-2", seq: 8, keys: ["k-3", "k-4"] },
  ],
  accepted: [
    { auctionId: AUCTION, key: "k-1", seq: 7, index: 0, version: 2 },
    { auctionId: AUCTION, key: "k-2", seq: 7, index: 1, version: 3 },
  ],
};

const message = (id: string, seq: number): LoggedMessage => ({
  seq,
  timestampMs: 0,
  auctionId: AUCTION,
  data: new TextEncoder().encode(JSON.stringify({ id })),
});
const row = (key: string, place: { seq: number; index: number; version: number }): LedgerBid => ({
  ...place,
  auctionId: AUCTION,
  key,
  bidId: key,
  bidderId: "b",
  amount: 1,
  outcome: "accepted",
  reason: null,
  at: 0,
});
const log = [message("e-1", 7), message("e-2", 8)];
const bids = [
  row("k-1", { seq: 7, index: 0, version: 2 }),
  row("k-2", { seq: 7, index: 1, version: 3 }),
  row("k-3", { seq: 8, index: 0, version: 4 }),
  row("k-4", { seq: 8, index: 1, version: 5 }),
];
const KEPT = { queued: 4, queuedLost: 0, accepted: 2, acceptedLost: 0, moved: 0, doubled: 0 };

describe("the check of a power cut (I1, I2)", () => {
  test("finds nothing where every promise was kept", () => {
    expect(findLosses(promises, { log, bids })).toEqual(KEPT);
    expect(findUndecided(promises.queued, bids)).toEqual([]);
  });

  test("counts the bids of a lost envelope, and lost outcomes", () => {
    const found = findLosses(promises, { log: log.slice(0, 1), bids: bids.slice(1, 2) });
    expect(found).toEqual({ ...KEPT, queuedLost: 2, acceptedLost: 1 });
    expect(findUndecided(promises.queued, bids.slice(1))).toEqual([`${AUCTION} k-1`]);
  });

  test("counts what stands elsewhere than was said", () => {
    const moved = [row("k-1", { seq: 7, index: 0, version: 9 }), ...bids.slice(1)];
    const swapped = [message("e-2", 7), message("e-1", 8)];
    expect(findLosses(promises, { log: swapped, bids: moved })).toEqual({ ...KEPT, moved: 5 });
    const elsewhere = [row("k-1", { seq: 8, index: 0, version: 2 }), ...bids.slice(1)];
    expect(findUndecided(promises.queued, elsewhere)).toEqual([`${AUCTION} k-1`]);
  });

  test("counts what is there twice", () => {
    const twice = { log: [...log, message("e-2", 9)], bids: [...bids, ...bids.slice(3)] };
    expect(findLosses(promises, twice)).toMatchObject({ doubled: 2 });
    expect(findUndecided(promises.queued, twice.bids)).toEqual([`${AUCTION} k-4`]);
  });
});
