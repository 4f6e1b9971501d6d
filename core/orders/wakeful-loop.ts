import type { Clock } from "../clock.ts";
import { createSignal } from "../signal.ts";

export interface WakefulLoop {
  wake(): void;
  /** Resolves when the last round has ended. */
  stop(): Promise<void>;
}

/** Runs `work`, which must not reject, when woken and every `everyMs`; again at once while it says that there is more. */
export function startLoop(clock: Clock, everyMs: number, work: () => Promise<boolean>): WakefulLoop {
  const signal = createSignal();
  let stopped = false;
  const run = async (): Promise<void> => {
    while (!stopped) {
      if (!(await work()) && !stopped) await signal.wait(clock.sleep(everyMs));
    }
  };
  const finished = run();
  return {
    wake: signal.wake,
    async stop() {
      stopped = true;
      signal.wake();
      await finished;
    },
  };
}
