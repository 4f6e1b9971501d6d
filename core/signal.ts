/** Lets one loop sleep until another has something for it. A wake before the wait is not lost. */
export interface Signal {
  wake(): void;
  /** Resolves at the next `wake`, or at once when one has come since the last wait. */
  wait(): Promise<void>;
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
    wait() {
      if (woken) {
        woken = false;
        return Promise.resolve();
      }
      return new Promise((resolve) => {
        sleeper = () => {
          woken = false;
          resolve();
        };
      });
    },
  };
}
