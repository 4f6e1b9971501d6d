import fc from "fast-check";
import { expect, test } from "vitest";
import {
  createBroadcaster,
  MAX_EVENTS_PER_UPDATE,
  NOT_WELCOMED,
  type Watcher,
} from "../../../edge/gateway/broadcaster.ts";
import { createFeed } from "../../../edge/gateway/feed.ts";
import { createLogClock } from "../../../edge/gateway/log-clock.ts";
import { serverFrameSchema } from "../../../shared/frames.ts";
import { openAuction, resultOf } from "../builders.ts";

interface Seen extends Watcher {
  frames: string[];
  slow: boolean;
}

const watcherAt = (sent: number): Seen => {
  const watcher: Seen = {
    sent,
    frames: [],
    slow: false,
    congested: () => watcher.slow,
    send: (frame) => void watcher.frames.push(frame),
  };
  return watcher;
};

function staged(watchers: Seen[]) {
  const stage = { now: 0, tasks: [] as { at: number; task: () => void }[] };
  const feed = createFeed();
  feed.load(openAuction());
  const broadcaster = createBroadcaster({
    feed,
    clock: createLogClock(() => stage.now),
    watchers: () => watchers,
    count: () => watchers.length,
    undecided: () => 0,
    now: () => stage.now,
    later: (task, afterMs) => void stage.tasks.push({ at: stage.now + afterMs, task }),
  });
  const pass = (ms: number): void => {
    stage.now += ms;
    const due = stage.tasks.filter(({ at }) => at <= stage.now);
    stage.tasks = stage.tasks.filter(({ at }) => at > stage.now);
    for (const { task } of due) task();
  };
  const bid = (bids = 1): void => {
    feed.apply(resultOf(feed.version(), feed.version() + bids));
    broadcaster.changed();
  };
  return { feed, broadcaster, pass, bid };
}

const framesOf = (watcher: Seen) => watcher.frames.map((frame) => serverFrameSchema.parse(JSON.parse(frame)));

test("an idle gateway tells a change at once", () => {
  const watcher = watcherAt(1);
  staged([watcher]).bid();
  expect(framesOf(watcher)).toMatchObject([
    { type: "update", from: 1, version: 2, events: [{ version: 2 }] },
  ]);
});

test("under load changes are told together, with the next tick", () => {
  const watcher = watcherAt(1);
  const { bid, pass } = staged([watcher]);
  for (let i = 0; i < 5; i++) bid();
  pass(20);
  expect(framesOf(watcher)).toMatchObject([
    { from: 1, version: 2 },
    { from: 2, version: 6 },
  ]);
});

test("a range of many changes tells only their effect", () => {
  const watcher = watcherAt(1);
  staged([watcher]).bid(MAX_EVENTS_PER_UPDATE + 1);
  expect(framesOf(watcher)[0]).not.toHaveProperty("events");
});

test("whoever knows nothing, or more than there is, gets a snapshot", () => {
  const [fresh, ahead] = [watcherAt(0), watcherAt(99)];
  const { broadcaster } = staged([fresh, ahead]);
  broadcaster.catchUp(fresh);
  broadcaster.catchUp(ahead);
  expect(framesOf(fresh)).toMatchObject([{ type: "snapshot", version: 1 }]);
  expect(framesOf(ahead)).toMatchObject([{ type: "snapshot", version: 1 }]);
});

test("a slow watcher is left out, and later gets the newest state in one range", () => {
  const [quick, slow] = [watcherAt(1), watcherAt(1)];
  const { bid, pass } = staged([quick, slow]);
  slow.slow = true;
  for (let i = 0; i < 3; i++) {
    bid();
    pass(20);
  }
  expect(slow.frames).toEqual([]);
  slow.slow = false;
  pass(100);
  expect(framesOf(slow)).toMatchObject([{ from: 1, version: 4 }]);
  expect(quick.frames).toHaveLength(3);
});

test("no version is outside every range, whatever the pace and whoever is slow (I8)", () => {
  const step = fc.record({ bids: fc.nat(3), ms: fc.nat(40), slow: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const watcher = watcherAt(1);
      const { bid, pass, feed } = staged([watcher]);
      for (const { bids, ms, slow } of steps) {
        watcher.slow = slow;
        if (bids > 0) bid(bids);
        pass(ms);
      }
      watcher.slow = false;
      for (let i = 0; i < 3; i++) pass(100);
      let version = 1;
      for (const frame of framesOf(watcher)) {
        if (frame.type !== "update") throw new Error("only updates are expected");
        expect(frame.from).toBe(version);
        if (frame.events !== undefined)
          expect(frame.events.map((event) => event.version)).toEqual(range(version, frame.version));
        version = frame.version;
      }
      expect(version).toBe(feed.version());
    }),
  );
});

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, i) => from + 1 + i);

test("a watcher that resumes is told nothing before the range that it asked for, and nothing twice (I8)", () => {
  const watcher = watcherAt(NOT_WELCOMED);
  const { broadcaster, bid, pass } = staged([watcher]);
  bid(3);
  pass(1_000);
  expect(watcher.frames).toEqual([]);
  watcher.sent = 2;
  broadcaster.catchUp(watcher);
  bid();
  pass(1_000);
  expect(framesOf(watcher)).toMatchObject([
    { type: "update", from: 2, version: 4 },
    { type: "update", from: 4, version: 5 },
  ]);
});
