import type { Result } from "../../shared/results.ts";
import { CoreUnavailableError, type CoreQueries } from "../reading/core-queries.ts";
import { createFeed, type Feed } from "./feed.ts";

/** Results that wait while the core is asked for what came before them; later ones are fetched like any gap. */
const MAX_HELD_RESULTS = 256;
/** Before the core is asked again after it did not answer. */
const ASK_AGAIN_MS = 500;

export interface FeedKeeperDeps {
  auctionId: string;
  queries: CoreQueries;
  /** The oldest version that a watcher stands at, so that one query serves them all after a sleep. */
  oldestWatched(): number | undefined;
  changed(): void;
}

export interface FeedKeeper {
  feed: Feed;
  exists(): boolean;
  /** Applies a result, or holds it back while versions before it are being fetched. */
  take(result: Result): void;
  /** All results of a frame are in: tell the watchers once. */
  settle(): void;
  /** Loads the auction if it is not; resolves false when the core cannot be asked. */
  load(): Promise<boolean>;
  /** Makes the ring reach back to a version that a resuming watcher knows, if the core's changes do. */
  reachBack(since: number): Promise<void>;
  /** Something may have been missed: asks the core for everything newer. */
  refresh(): Promise<boolean>;
}

/** Keeps the feed gapless: what a result does not connect to is fetched from the core before it is applied. */
export function createFeedKeeper(deps: FeedKeeperDeps): FeedKeeper {
  const feed = createFeed();
  let held: Result[] = [];
  let fetching: Promise<boolean> | undefined;
  let moved = false;

  const fetch = async (): Promise<boolean> => {
    try {
      const since = feed.version() > 0 ? feed.version() : (deps.oldestWatched() ?? 0);
      if (since === 0) await loadView();
      else await loadChanges(since);
      return true;
    } catch (error) {
      if (!(error instanceof CoreUnavailableError)) throw error;
      return false;
    } finally {
      fetching = undefined;
    }
  };

  const loadView = async (): Promise<void> => {
    const reply = await deps.queries.ask("auction", { auctionId: deps.auctionId });
    if (reply === null) return;
    feed.load(reply.auction);
    moved = true;
  };

  const loadChanges = async (since: number): Promise<void> => {
    const reply = await deps.queries.ask("changes", { auctionId: deps.auctionId, since, limit: 1_000 });
    if (reply === null || reply.auction.version <= feed.version()) return;
    feed.fill(reply.auction, reply.events);
    moved = true;
  };

  const refresh = async (): Promise<boolean> => {
    fetching ??= fetch();
    const answered = await fetching;
    const waiting = held;
    held = [];
    for (const result of waiting) apply(result);
    settle();
    return answered;
  };

  const fill = async (): Promise<void> => {
    while (held.length > 0 && !(await refresh()))
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
  };

  const apply = (result: Result): void => {
    const what = feed.apply(result);
    if (what === "applied") moved = true;
    if (what !== "gap") return;
    held.push(result);
    if (held.length > MAX_HELD_RESULTS) held.shift();
    if (held.length === 1) void fill();
  };

  const settle = (): void => {
    if (!moved) return;
    moved = false;
    deps.changed();
  };

  return {
    feed,
    exists: () => feed.version() > 0,
    take(result) {
      if (held.length === 0) return apply(result);
      held.push(result);
      if (held.length > MAX_HELD_RESULTS) held.shift();
    },
    settle,
    async reachBack(since) {
      if (feed.since(since) !== undefined || since > feed.version()) return;
      try {
        const reply = await deps.queries.ask("changes", { auctionId: deps.auctionId, since, limit: 1_000 });
        if (reply !== null) feed.prepend(reply.events);
      } catch (error) {
        // The watcher then starts from a snapshot, which is as true.
        if (!(error instanceof CoreUnavailableError)) throw error;
      }
    },
    load: async () => feed.version() > 0 || refresh(),
    refresh,
  };
}
