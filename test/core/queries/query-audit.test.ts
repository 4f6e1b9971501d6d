import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import {
  alice,
  AUCTION_ID,
  bid,
  bob,
  create,
  manage,
  olga,
  RUN_MS,
  START_MS,
  tick,
} from "../../support/builders.ts";
import { checkAudit } from "../../support/audit-file.ts";
import { sealedTerms } from "../../support/builders.ts";
import { livelyLog } from "./lively-log.ts";
import { type QueryCluster, startQueryCluster } from "./query-cluster.ts";

let cluster: QueryCluster;
beforeAll(async () => {
  cluster = await startQueryCluster();
});
afterAll(() => cluster.close());
beforeEach(() => cluster.empty());

/** The whole audit, page after page as the edge asks for it. */
async function audit(): Promise<{ lines: string[]; pages: number }> {
  let text = "";
  let cursor: string | undefined;
  for (let pages = 1; ; pages++) {
    const answer = await cluster.ask("audit", {
      auctionId: AUCTION_ID,
      ...(cursor !== undefined && { cursor }),
    });
    if (!("ok" in answer) || answer.ok === null) throw new Error(JSON.stringify(answer));
    text += answer.ok.text;
    cursor = answer.ok.nextCursor;
    if (cursor === undefined) return { lines: text.trimEnd().split("\n"), pages };
  }
}

test("the audit has the auction's envelopes and its head, and can be checked, with the chain that is stored", async () => {
  const log = await livelyLog(cluster);
  await log.append([tick], START_MS + RUN_MS);
  const { lines, pages } = await audit();
  expect(pages).toBe(1);
  const report = checkAudit(lines, { receipt: log.history().at(-1)?.chain });
  expect(report.difference).toBeUndefined();
  expect(report).toMatchObject({
    envelopes: 6,
    checked: [expect.stringContaining("chain"), expect.stringContaining("every decision")],
  });
  // The bid before there was an auction is not of its log; it took no key that was used again.
  expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject({ status: "closed", lines: 6, orderCount: 1 });
});

test("the audit of many bids comes in pages, none of them large, and reads as one", async () => {
  const log = cluster.log();
  await log.append([create(sealedTerms())], START_MS);
  for (let i = 1; i <= 600; i++) await log.append([bid(alice, i), bid(bob, i)], START_MS + i);
  await log.append([manage(olga, "operator", { action: "end", reason: "enough" })], START_MS + 601);
  const { lines, pages } = await audit();
  expect(pages).toBeGreaterThan(1);
  expect(lines).toHaveLength(604);
  expect(checkAudit(lines)).toMatchObject({
    difference: undefined,
    unchecked: [],
    envelopes: 602,
    commands: 1_202,
  });
});

test("an auction that closes while its audit is read reveals nothing in the pages that follow", async () => {
  const log = cluster.log();
  await log.append([create(sealedTerms())], START_MS);
  for (let i = 1; i <= 520; i++) await log.append([bid(alice, 100_000 + i)], START_MS + i);
  const first = await cluster.ask("audit", { auctionId: AUCTION_ID });
  if (!("ok" in first) || first.ok?.nextCursor === undefined) throw new Error("there is a second page");
  await log.append([tick], START_MS + RUN_MS);
  const second = await cluster.ask("audit", { auctionId: AUCTION_ID, cursor: first.ok.nextCursor });
  if (!("ok" in second) || second.ok === null) throw new Error("there is a second page");
  const lines = (first.ok.text + second.ok.text).trimEnd().split("\n");
  expect(checkAudit(lines)).toMatchObject({ difference: undefined, envelopes: 522 });
  expect(lines.join()).not.toContain('"reveals"');
  const again = await audit();
  expect(checkAudit(again.lines).unchecked).toEqual([]);
});

test("without the auction there is none, and a cursor of another list is refused", async () => {
  expect(await cluster.ask("audit", { auctionId: AUCTION_ID })).toEqual({ ok: null });
  await livelyLog(cluster);
  expect(await cluster.ask("audit", { auctionId: AUCTION_ID, cursor: "bm90aGluZw" })).toMatchObject({
    error: { reason: "invalid_query" },
  });
});
