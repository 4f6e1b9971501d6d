import { createRandom, type Random } from "./random.ts";

/** Where every simulated clock stands at the beginning: a round number of milliseconds since the epoch. */
export const WORLD_START_MS = 1_800_000_000_000;

/**
 * Virtual time and everything that is to happen in it. Real code runs inside: it waits only for promises that an event of
 * this world resolves, so that the seed alone decides what happens in which order.
 */
export interface World {
  readonly random: Random;
  /** Milliseconds since the epoch, with fractions. */
  readonly nowMs: number;
  /** What has been tried to happen, for whoever looks at a failing seed. */
  readonly story: string[];
  tell(line: string): void;
  after(ms: number, run: () => void): void;
  /** Lets events happen until `untilMs`, or until `isOver` after one of them. */
  run(untilMs: number, isOver?: () => boolean): Promise<void>;
}

interface Event {
  readonly atMs: number;
  /** Decides between events of one moment. */
  readonly turn: number;
  readonly run: () => void;
}

/** A run that does more than this goes in circles. */
const MAX_EVENTS = 400_000;

export function createWorld(seed: number): World {
  const random = createRandom(seed);
  const queue: Event[] = [];
  const story: string[] = [];
  let nowMs = WORLD_START_MS;
  let events = 0;
  return {
    random,
    story,
    get nowMs() {
      return nowMs;
    },
    tell(line) {
      story.push(`${((nowMs - WORLD_START_MS) / 1_000).toFixed(3)} ${line}`);
    },
    after(ms, run) {
      push(queue, { atMs: nowMs + Math.max(0, ms), turn: random.next(), run });
    },
    async run(untilMs, isOver = () => false) {
      for (let first = queue[0]; first !== undefined && first.atMs <= untilMs; first = queue[0]) {
        if (++events > MAX_EVENTS) throw new Error(`more than ${MAX_EVENTS} events`);
        pop(queue);
        nowMs = first.atMs;
        first.run();
        // Everything that the event has set in motion comes to rest before the next one.
        await new Promise<void>((resolve) => setImmediate(resolve));
        if (isOver()) return;
      }
      nowMs = Math.max(nowMs, untilMs);
    },
  };
}

const isBefore = (a: Event, b: Event): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.turn < b.turn);

/** A binary heap: the earliest event is the first. */
function push(heap: Event[], event: Event): void {
  let i = heap.push(event) - 1;
  while (i > 0) {
    const parent = (i - 1) >> 1;
    if (!isBefore(event, heap[parent] as Event)) break;
    heap[i] = heap[parent] as Event;
    i = parent;
  }
  heap[i] = event;
}

function pop(heap: Event[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let i = 0;
  for (;;) {
    let child = 2 * i + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isBefore(heap[child + 1] as Event, heap[child] as Event)) child++;
    if (!isBefore(heap[child] as Event, last)) break;
    heap[i] = heap[child] as Event;
    i = child;
  }
  heap[i] = last;
}
