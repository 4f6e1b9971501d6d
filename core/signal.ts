/** Lets one loop sleep until another has something for it. A wake before the wait is not lost. */
export interface Signal {
  wake(): void;
  /** Resolves at the next `wake`, at once when one has come since the last wait, and with `limit` at the latest. */
  wait(limit?: Promise<void>): Promise<void>;
}

export function createSignal(): Signal {
  let woken = false;
  let sleeper: (() => void) | undefined;
  return {
    wake() {
      woken = true;
      sleeper?.();
      sleeper = undefined;
    },
    wait(limit) {
      if (woken) {
        woken = false;
        return Promise.resolve();
      }
      return new Promise((resolve) => {
        const mine = (): void => {
          woken = false;
          resolve();
        };
        sleeper = mine;
        void limit?.then(() => {
          // Whoever sleeps no longer must not take a later wake.
          if (sleeper === mine) sleeper = undefined;
          resolve();
        });
      });
    },
  };
}
