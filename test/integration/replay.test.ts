import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { repositoryRoot } from "../../infra/local/environment.ts";
import { parseEbayBids } from "../replay/ebay-bids.ts";
import { DEFAULT_FILE } from "../replay/options.ts";
import { doorOf } from "../replay/own-stack.ts";
import { replayAuctions } from "../replay/replay-auctions.ts";
import { LEAST_AT_EBAYS_PRICE, summaryOf } from "../replay/verdict.ts";
import { edgeOf } from "../support/client.ts";
import { sharedStack } from "../support/stack.ts";

const FILE = path.resolve(repositoryRoot, DEFAULT_FILE);

test("real eBay auctions, bid again through the edge, go as by eBay's rules and close at eBay's own prices (I3, I4)", async ({
  skip,
}) => {
  if (!existsSync(FILE)) skip(`${DEFAULT_FILE} is not here`);
  const { url, data } = edgeOf(sharedStack());
  const verdicts = await replayAuctions(doorOf(url, data), parseEbayBids(await readFile(FILE, "utf8")));
  expect(verdicts.filter(({ parting }) => parting !== undefined)).toEqual([]);
  expect(summaryOf(verdicts).atEbaysPrice).toBeGreaterThanOrEqual(LEAST_AT_EBAYS_PRICE);
});
