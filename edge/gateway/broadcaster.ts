import type { Feed } from "./feed.ts";
import { snapshotFrame, updateFrame } from "./frames-out.ts";
import type { LogClock } from "./log-clock.ts";

/** Under load a watcher gets this many milliseconds of changes in one frame; a human eye asks for no more. */
const TICK_MS = 15;
/** A frame to one watcher costs some thirty microseconds: this leaves the feed a fifth of the gateway's time at most … */
const TICK_MS_PER_WATCHER = 0.15;
/** … and less the more bids are underway, since whoever bids also wants an outcome. */
const TICK_MS_PER_WATCHER_BUSY = 0.3;
/** Undecided commands at which a gateway counts as entirely busy. */
const BUSY_AT_UNDECIDED = 500;
/** How often a watcher that was too slow is looked at again. */
const SLOW_LOOK_MS = 60;
/** More events than this in one range and only their effect is sent. */
export const MAX_EVENTS_PER_UPDATE = 16;

/** As if it had been told everything: a watcher whose first frame is still being put together is passed over. */
export const NOT_WELCOMED = Number.POSITIVE_INFINITY;

/** One connection that watches. */
export interface Watcher {
  /** The version that it has been told, 0 or `NOT_WELCOMED` before its first frame. */
  sent: number;
  /** Too much is still unsent: leave it out now, it gets the newest state when it has caught up. */
  congested(): boolean;
  send(frame: string, version: number): void;
}

export interface BroadcasterDeps {
  feed: Feed;
  clock: LogClock;
  watchers(): Iterable<Watcher>;
  count(): number;
  /** Commands of this gateway that are underway. */
  undecided(): number;
  now(): number;
  later(task: () => void, afterMs: number): void;
}

export interface Broadcaster {
  /** The feed has moved: tell everybody, at once when idle, with the next tick under load. */
  changed(): void;
  /** Tells one watcher what it does not know yet; with a snapshot when it knows nothing. */
  catchUp(watcher: Watcher): void;
}

export function createBroadcaster(deps: BroadcasterDeps): Broadcaster {
  let lastAt = Number.NEGATIVE_INFINITY;
  let scheduled = false;
  let looking = false;

  const tick = (): void => {
    scheduled = false;
    flush();
  };

  const flush = (): void => {
    lastAt = deps.now();
    const { feed } = deps;
    const version = feed.version();
    // Nearly everybody has been told the same, so one frame serves them all.
    const frames = new Map<number, string>();
    let congested = false;
    for (const watcher of deps.watchers()) {
      if (watcher.sent >= version) continue;
      if (watcher.congested()) {
        congested = true;
        continue;
      }
      let frame = frames.get(watcher.sent);
      if (frame === undefined) {
        frame = frameFor(deps, watcher.sent, MAX_EVENTS_PER_UPDATE);
        frames.set(watcher.sent, frame);
      }
      watcher.sent = version;
      watcher.send(frame, version);
    }
    if (congested) lookAgain();
  };

  /** Has its own timer: a slow watcher must not slow the others' ticks. */
  const lookAgain = (): void => {
    if (looking) return;
    looking = true;
    deps.later(() => {
      looking = false;
      flush();
    }, SLOW_LOOK_MS);
  };

  const schedule = (afterMs: number): void => {
    if (scheduled) return;
    scheduled = true;
    deps.later(tick, afterMs);
  };

  return {
    changed() {
      if (scheduled || deps.count() === 0) return;
      const wait = lastAt + tickMs(deps.count(), deps.undecided()) - deps.now();
      if (wait <= 0) flush();
      else schedule(wait);
    },
    catchUp(watcher) {
      const version = deps.feed.version();
      const frame = frameFor(deps, watcher.sent, Number.MAX_SAFE_INTEGER);
      watcher.sent = version;
      watcher.send(frame, version);
    },
  };
}

function tickMs(watchers: number, undecided: number): number {
  const busy = Math.min(1, undecided / BUSY_AT_UNDECIDED);
  return Math.max(
    TICK_MS,
    watchers * (TICK_MS_PER_WATCHER + busy * (TICK_MS_PER_WATCHER_BUSY - TICK_MS_PER_WATCHER)),
  );
}

/** A range from what the watcher knows; a snapshot when it knows nothing, or something that does not exist yet. */
function frameFor(deps: BroadcasterDeps, sent: number, maxEvents: number): string {
  const { feed, clock } = deps;
  const version = feed.version();
  if (sent <= 0 || sent > version) return snapshotFrame(feed, clock.now());
  const events = version - sent <= maxEvents ? feed.since(sent) : undefined;
  return updateFrame(feed.live(), { from: sent, now: clock.now(), events });
}
