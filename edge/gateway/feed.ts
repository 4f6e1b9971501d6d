import { auctionLiveSchema, type AuctionLive, type AuctionView } from "../../shared/auctions.ts";
import type { PublicEvent, Result } from "../../shared/results.ts";

/** Events kept for watchers that resume. At a bid a millisecond that is the last second; older ones the core tells. */
export const RING_EVENTS = 1_024;

const LIVE_FIELDS = Object.keys(auctionLiveSchema.shape) as (keyof AuctionLive)[];

export interface Feed {
  view(): AuctionView | undefined;
  version(): number;
  /** Starts over from a view that the core gave. */
  load(view: AuctionView): void;
  /** Takes in what `changes` answered for everything after the feed's version. */
  fill(view: AuctionView, events: PublicEvent[]): void;
  /** `gap`: versions are missing before this result; nothing was applied. */
  apply(result: Result): "applied" | "old" | "gap";
  /** The events in (from, version], or undefined when the ring does not reach back so far. */
  since(from: number): PublicEvent[] | undefined;
  /** Older events, which end where the ring begins or inside it. */
  prepend(events: PublicEvent[]): void;
  /** The changing part of the auction, for a frame. */
  live(): AuctionLive;
}

/** One auction as its watchers see it: the newest state, and a ring of the latest events. */
export function createFeed(): Feed {
  let view: AuctionView | undefined;
  /** The latest events, one per version, ending at the view's. */
  let ring: PublicEvent[] = [];

  const version = (): number => view?.version ?? 0;

  const remember = (events: PublicEvent[], above: number): void => {
    for (const event of events) if (event.version > above) ring.push(event);
    // Trimmed at twice its size, so that the copying costs next to nothing per event.
    if (ring.length > 2 * RING_EVENTS) ring = ring.slice(-RING_EVENTS);
  };

  return {
    view: () => view,
    version,
    load(fresh) {
      if (view !== undefined && fresh.version <= view.version) return;
      view = fresh;
      ring = [];
    },
    fill(fresh, events) {
      const above = version();
      if (view !== undefined && fresh.version <= above) return;
      const whole =
        above > 0 &&
        events.length > 0 &&
        events[0]?.version === above + 1 &&
        events.at(-1)?.version === fresh.version;
      view = fresh;
      if (whole) remember(events, above);
      else ring = events.at(-1)?.version === fresh.version ? events.slice(-RING_EVENTS) : [];
    },
    apply(result) {
      const above = version();
      if (result.live === null || result.to <= above) return "old";
      if (result.auction !== undefined && view === undefined) view = result.auction;
      else if (view === undefined || result.from > above) return "gap";
      setLive(view, result.live);
      remember(result.events, above);
      return "applied";
    },
    since(from) {
      const missing = version() - from;
      if (missing < 0 || missing > ring.length) return undefined;
      return missing === 0 ? [] : ring.slice(-missing);
    },
    prepend(events) {
      const first = ring[0]?.version ?? version() + 1;
      const older = events.filter((event) => event.version < first);
      if (older.length > 0 && older.at(-1)?.version === first - 1) ring = [...older, ...ring];
    },
    live() {
      const live: Record<string, unknown> = {};
      for (const field of LIVE_FIELDS) if (view?.[field] !== undefined) live[field] = view[field];
      return live as unknown as AuctionLive;
    },
  };
}

/** A result carries the whole changing part: a field that its format does not have, or no longer has, is in it no more. */
function setLive(view: AuctionView, live: AuctionLive): void {
  const fields = view as Partial<Record<keyof AuctionLive, unknown>>;
  for (const field of LIVE_FIELDS) {
    if (live[field] === undefined) delete fields[field];
    else fields[field] = live[field];
  }
}
