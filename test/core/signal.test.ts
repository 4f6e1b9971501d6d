import { expect, test } from "vitest";
import { createSignal } from "../../core/signal.ts";

const hasCome = async (waiting: Promise<void>): Promise<boolean> =>
  Promise.race([waiting.then(() => true), new Promise<boolean>((resolve) => setImmediate(resolve, false))]);

test("a wake before the wait is not lost, and wakes once", async () => {
  const signal = createSignal();
  signal.wake();
  signal.wake();
  expect(await hasCome(signal.wait())).toBe(true);
  expect(await hasCome(signal.wait())).toBe(false);
});

test("a wake after a wait that has run out is kept for the next wait", async () => {
  const signal = createSignal();
  await signal.wait(Promise.resolve());
  signal.wake();
  expect(await hasCome(signal.wait())).toBe(true);
});
