import { expect, test } from "vitest";
import { createFeedKeeper } from "../../../edge/gateway/feed-keeper.ts";
import { CoreUnavailableError, type CoreQueries } from "../../../edge/reading/core-queries.ts";
import { bidEvent, openAuction, resultOf } from "../builders.ts";

/** A core that stands at a version; each question is recorded, and answered when `answer` is called. */
function coreAt(version: number, oldestWatched?: number) {
  const asked: string[] = [];
  const core = { version, down: false, changes: 0 };
  const queries = {
    ask: async (kind: string, request: { since?: number }) => {
      asked.push(request.since === undefined ? kind : `${kind} since ${request.since}`);
      await Promise.resolve();
      if (core.down) throw new CoreUnavailableError("down");
      if (core.version === 0) return null;
      const auction = openAuction({ version: core.version });
      const since = request.since ?? core.version;
      const events = Array.from({ length: core.version - since }, (_, i) => bidEvent(since + 1 + i));
      return kind === "auction" ? { auction, leaderboard: [] } : { auction, events };
    },
  } as unknown as CoreQueries;
  const keeper = createFeedKeeper({
    auctionId: "auction-1",
    queries,
    oldestWatched: () => oldestWatched,
    changed: () => void core.changes++,
  });
  return { keeper, asked, core };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

test("an auction that nobody knows does not exist, and may be asked for again", async () => {
  const { keeper, core } = coreAt(0);
  expect(await keeper.load()).toBe(true);
  expect(keeper.exists()).toBe(false);
  core.version = 1;
  await keeper.load();
  expect(keeper.exists()).toBe(true);
});

test("a core that does not answer is not an auction that does not exist", async () => {
  const { keeper, core } = coreAt(1);
  core.down = true;
  expect(await keeper.load()).toBe(false);
});

test("many who load at once ask once", async () => {
  const { keeper, asked } = coreAt(1);
  await Promise.all([keeper.load(), keeper.load(), keeper.load()]);
  expect(asked).toEqual(["auction"]);
});

test("a gap is fetched, and the result that showed it is applied after it", async () => {
  const { keeper, asked, core } = coreAt(1);
  await keeper.load();
  core.version = 3;
  keeper.take(resultOf(3, 4));
  keeper.take(resultOf(4, 5));
  await settled();
  expect(asked).toEqual(["auction", "changes since 1"]);
  expect(keeper.feed.version()).toBe(5);
  expect(keeper.feed.since(1)?.map(({ version }) => version)).toEqual([2, 3, 4, 5]);
});

test("results that come while the auction loads are not lost", async () => {
  const { keeper } = coreAt(2);
  const loading = keeper.load();
  keeper.take(resultOf(2, 3));
  await loading;
  await settled();
  expect(keeper.feed.version()).toBe(3);
});

test("after a sleep one question brings everybody from where they stood", async () => {
  const { keeper, asked } = coreAt(9, 4);
  await keeper.load();
  expect(asked).toEqual(["changes since 4"]);
  expect(keeper.feed.since(4)).toHaveLength(5);
});
