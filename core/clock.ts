/**
 * Time, as the core waits for it and as its own machine shows it. An argument, so that a simulation can own it. What time it
 * is for bidders is never asked here: that is the log's.
 */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  sleep(ms: number): Promise<void>;
  /** One turn of the event loop: everything that has arrived by now has been handled. */
  turn(): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  turn: () => new Promise((resolve) => setImmediate(resolve)),
};
