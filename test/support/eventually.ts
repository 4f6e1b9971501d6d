import { setTimeout as sleep } from "node:timers/promises";

/** Asks again until the answer fits, and returns the last answer when it never does. */
export async function eventually<T>(
  ask: () => Promise<T> | T,
  fits: (value: T) => boolean,
  withinMs = 10_000,
): Promise<T> {
  const deadlineMs = Date.now() + withinMs;
  for (;;) {
    const value = await ask();
    if (fits(value) || Date.now() > deadlineMs) return value;
    await sleep(100);
  }
}
