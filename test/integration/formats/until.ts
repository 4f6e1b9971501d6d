/** Far above what any of it takes: a condition that has not come by then is not coming. */
const PATIENCE_MS = 20_000;
const ASK_EVERY_MS = 50;

/** Asks until the answer fits, and gives that answer; throws with the last one when it never does. */
export async function until<T>(
  ask: () => Promise<T> | T,
  fits: (answer: T) => boolean,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  const deadlineMs = Date.now() + patienceMs;
  for (;;) {
    const answer = await ask();
    if (fits(answer)) return answer;
    if (Date.now() > deadlineMs) throw new Error(`it never came to that; last was ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  }
}

/** Waits for a moment of this machine's clock, which the log's clock shares in the tests. */
export const untilMoment = (atMs: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, Math.max(0, atMs - Date.now() + 1)));
