import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createEndpointRooms, MOST_PER_ENDPOINT } from "../../../../core/orders/webhooks/endpoint-rooms.ts";
import { afterFailure, MAX_BACKOFF_MS } from "../../../../core/orders/webhooks/webhook-retry.ts";

const POLICY = { attempts: 12, firstBackoffMs: 5_000 };
const NOW_MS = 1_800_000_000_000;

const pauseAfter = (attempts: number, random = 0.5, retryAfter?: string, status = 503): number => {
  const verdict = afterFailure(POLICY, { status, retryAfter, attempts }, { nowMs: NOW_MS, random });
  return verdict.dead ? Number.NaN : verdict.retryAtMs - NOW_MS;
};

describe("the pause after a failure", () => {
  test("triples from five seconds to six hours, and twelve attempts take most of a day", () => {
    const pauses = Array.from({ length: 11 }, (_, i) => pauseAfter(i + 1));
    expect(pauses.slice(0, 4)).toEqual([5_000, 15_000, 45_000, 135_000]);
    expect(pauses.at(-1)).toBe(MAX_BACKOFF_MS);
    const hours = pauses.reduce((sum, pause) => sum + pause, 0) / 3_600_000;
    expect(hours).toBeGreaterThan(20);
    expect(hours).toBeLessThan(26);
    expect(pauseAfter(12)).toBeNaN();
  });

  test("differs by a fifth either way, whatever chance says", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 11 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (n, random) => {
          const even = pauseAfter(n);
          expect(pauseAfter(n, random)).toBeGreaterThanOrEqual(even * 0.8 - 1);
          expect(pauseAfter(n, random)).toBeLessThanOrEqual(even * 1.2 + 1);
        },
      ),
    );
  });

  test.each([
    ["seconds", "60", 60_000],
    ["a date", new Date(NOW_MS + 90_000).toUTCString(), 90_000],
    ["less than our own pause", "1", 5_000],
    ["more than the longest pause", "999999", MAX_BACKOFF_MS],
    ["a date that has passed", new Date(NOW_MS - 90_000).toUTCString(), 5_000],
    ["nonsense", "soon", 5_000],
    ["a negative number", "-5", 5_000],
  ])("respects Retry-After within bounds: %s", (_, header, pause) => {
    expect(pauseAfter(1, 0.5, header)).toBe(pause);
  });

  test("does not come after 410 Gone: the delivery is dead at once", () => {
    expect(pauseAfter(1, 0.5, "60", 410)).toBeNaN();
    expect(pauseAfter(1, 0.5, undefined, 404)).toBe(5_000);
  });
});

describe("the room of an endpoint", () => {
  test("is bounded", () => {
    const rooms = createEndpointRooms(5_000);
    const entered = Array.from({ length: 20 }, () => rooms.enter("a", 0));
    expect(entered.filter(Boolean)).toHaveLength(MOST_PER_ENDPOINT);
    expect(rooms.fewer(0)).toEqual(new Map([["a", 0]]));
    expect(rooms.enter("b", 0)).toBe(true);
    rooms.leave("a", undefined);
    expect(rooms.enter("a", 0)).toBe(true);
  });

  test("shrinks to one with a failure, rests longer with each, and doubles with each success", () => {
    const rooms = createEndpointRooms(5_000);
    const attempt = (nowMs: number, succeeded: boolean): boolean => {
      if (!rooms.enter("a", nowMs)) return false;
      rooms.leave("a", { succeeded, nowMs });
      return true;
    };
    expect(attempt(0, false)).toBe(true);
    expect(attempt(499, false)).toBe(false);
    expect(attempt(500, false)).toBe(true);
    expect(attempt(1_499, false)).toBe(false);
    expect(rooms.enter("a", 1_500)).toBe(true);
    expect(rooms.enter("a", 1_500)).toBe(false);
    rooms.leave("a", { succeeded: true, nowMs: 1_500 });
    expect(rooms.fewer(1_500)).toEqual(new Map([["a", 2]]));
    attempt(1_500, true);
    attempt(1_500, true);
    expect(rooms.fewer(1_500)).toEqual(new Map());
  });

  test("rests no longer than twice the first back-off, and counts what failed together as one failure", () => {
    const rooms = createEndpointRooms(5_000);
    for (let i = 0; i < 8; i++) rooms.enter("a", 0);
    for (let i = 0; i < 8; i++) rooms.leave("a", { succeeded: false, nowMs: 0 });
    expect(rooms.enter("a", 500)).toBe(true);
    rooms.leave("a", { succeeded: false, nowMs: 500 });
    let nowMs = 500;
    for (let i = 0; i < 20; i++) {
      nowMs += 10_000;
      expect(rooms.enter("a", nowMs)).toBe(true);
      rooms.leave("a", { succeeded: false, nowMs });
    }
  });
});
