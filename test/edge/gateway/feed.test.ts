import { describe, expect, test } from "vitest";
import { createFeed, RING_EVENTS } from "../../../edge/gateway/feed.ts";
import { bidEvent, openAuction, resultOf } from "../builders.ts";

const loaded = (version = 1) => {
  const feed = createFeed();
  feed.load(openAuction({ version }));
  return feed;
};

const versions = (events: { version: number }[] | undefined): number[] | undefined =>
  events?.map(({ version }) => version);

describe("a feed (I3, I8)", () => {
  test("takes a result that connects to its version", () => {
    const feed = loaded();
    expect(feed.apply(resultOf(1, 3))).toBe("applied");
    expect(feed.view()).toMatchObject({ version: 3, price: 103, title: "A lamp" });
    expect(versions(feed.since(1))).toEqual([2, 3]);
  });

  test("shows fields that come with a result, and none that the auction has no more", () => {
    const feed = createFeed();
    feed.load({ ...openAuction(), reserveMet: false, buyNowAvailable: true });
    const { live } = resultOf(1, 2);
    if (live === null) throw new Error("a result with an auction");
    feed.apply(resultOf(1, 2, { live: { ...live, reserveMet: true } }));
    expect(feed.view()).toMatchObject({ reserveMet: true, title: "A lamp" });
    expect(feed.view()).not.toHaveProperty("buyNowAvailable");
    expect(feed.live()).toEqual({ ...live, reserveMet: true });
    expect(Object.keys(feed.live())).not.toContain("buyNowAvailable");
  });

  test("moves the end with the result that extended the auction", () => {
    const feed = loaded();
    const { live } = resultOf(1, 3);
    const extended = { type: "extended", version: 3, at: 3, endsAt: 2_000_000 } as const;
    feed.apply(
      resultOf(1, 3, { live: live && { ...live, endsAt: 2_000_000 }, events: [bidEvent(2), extended] }),
    );
    expect(feed.live().endsAt).toBe(2_000_000);
    expect(feed.since(2)).toEqual([extended]);
  });

  test("does not take a result twice", () => {
    const feed = loaded();
    feed.apply(resultOf(1, 3));
    expect(feed.apply(resultOf(1, 3))).toBe("old");
    expect(versions(feed.since(1))).toEqual([2, 3]);
  });

  test("takes only the new part of a result that overlaps", () => {
    const feed = loaded(2);
    expect(feed.apply(resultOf(1, 3))).toBe("applied");
    expect(versions(feed.since(2))).toEqual([3]);
  });

  test("reports a gap and applies nothing of what comes after it", () => {
    const feed = loaded();
    expect(feed.apply(resultOf(2, 3))).toBe("gap");
    expect(feed.version()).toBe(1);
  });

  test("begins with the result that created the auction", () => {
    const feed = createFeed();
    expect(
      feed.apply(
        resultOf(0, 1, { auction: openAuction(), events: [{ type: "created", version: 1, at: 1 }] }),
      ),
    ).toBe("applied");
    expect(versions(feed.since(0))).toEqual([1]);
  });

  test("fills a gap with the changes that the core tells", () => {
    const feed = loaded();
    feed.fill(openAuction({ version: 3 }), [bidEvent(2), bidEvent(3)]);
    expect(versions(feed.since(1))).toEqual([2, 3]);
    expect(feed.apply(resultOf(3, 4))).toBe("applied");
  });

  test("forgets its ring rather than show a hole in it", () => {
    const feed = loaded();
    feed.fill(openAuction({ version: 9 }), [bidEvent(2), bidEvent(3)]);
    expect(feed.version()).toBe(9);
    expect(feed.since(1)).toBeUndefined();
    expect(feed.since(9)).toEqual([]);
  });

  test("keeps a bounded ring, and says when it does not reach back", () => {
    const feed = loaded();
    for (let version = 1; version <= 3 * RING_EVENTS; version++) feed.apply(resultOf(version, version + 1));
    expect(feed.since(1)).toBeUndefined();
    expect(feed.since(feed.version() - RING_EVENTS)).toHaveLength(RING_EVENTS);
    expect(feed.since(feed.version() + 1)).toBeUndefined();
  });

  test("takes older events in front of its ring only when they meet it", () => {
    const feed = loaded(5);
    feed.apply(resultOf(5, 6));
    feed.prepend([bidEvent(2), bidEvent(3)]);
    expect(feed.since(1)).toBeUndefined();
    feed.prepend([bidEvent(3), bidEvent(4), bidEvent(5), bidEvent(6)]);
    expect(versions(feed.since(2))).toEqual([3, 4, 5, 6]);
  });
});
