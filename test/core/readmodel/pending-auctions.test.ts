import { expect, test } from "vitest";
import type { Auction } from "../../../core/auction/auction.ts";
import { createPendingAuctions } from "../../../core/readmodel/pending-auctions.ts";
import { auctionLog } from "../../support/auction-log.ts";
import { create, START_MS } from "../../support/builders.ts";

const template = auctionLog().append([create()], START_MS).decision.auction as Auction;
const at = (id: string, version: number): Auction => ({ ...template, id, version });
const roomy = { states: 100, ids: 100 };

test("the newest state of an auction replaces the one that waits, in its place", () => {
  const pending = createPendingAuctions(roomy);
  for (const auction of [at("a", 1), at("b", 1), at("a", 3), at("a", 2)]) pending.put(auction);
  expect(pending.take(10)).toEqual([
    { auctionId: "a", auction: at("a", 3) },
    { auctionId: "b", auction: at("b", 1) },
  ]);
  expect(pending.size).toBe(0);
});

test("what could not be written waits again unless something newer does", () => {
  const pending = createPendingAuctions(roomy);
  pending.put(at("a", 1));
  pending.put(at("b", 1));
  const taken = pending.take(2);
  pending.put(at("a", 2));
  pending.putBack(taken);
  expect(pending.take(10).map(({ auction }) => auction)).toEqual([at("a", 2), at("b", 1)]);
});

test("above the limit of states only the id is kept, to be erased", () => {
  const pending = createPendingAuctions({ states: 2, ids: 10 });
  for (const id of ["a", "b", "c"]) pending.put(at(id, 1));
  pending.put(at("c", 2));
  pending.put(at("a", 2));
  expect(pending.take(10)).toEqual([
    { auctionId: "a", auction: at("a", 2) },
    { auctionId: "b", auction: at("b", 1) },
    { auctionId: "c", auction: undefined },
  ]);
  expect(pending.lost).toBe(0);
});

test("a state taken makes room for another", () => {
  const pending = createPendingAuctions({ states: 1, ids: 10 });
  pending.put(at("a", 1));
  pending.take(1);
  pending.put(at("b", 1));
  expect(pending.take(1)).toEqual([{ auctionId: "b", auction: at("b", 1) }]);
});

test("above the limit of ids what comes new is counted as lost", () => {
  const pending = createPendingAuctions({ states: 2, ids: 3 });
  for (const id of ["a", "b", "c", "d", "e", "a"]) pending.put(at(id, 1));
  expect(pending.size).toBe(3);
  expect(pending.lost).toBe(2);
});
