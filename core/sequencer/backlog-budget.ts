/**
 * How much may be decided and not committed, over all slots of a shard: a backlog on thirty slots must not need thirty
 * times the memory of a backlog on one. Each shard has its own, so that one that hangs does not hold up the others.
 */
export interface BacklogBudget {
  readonly isFull: boolean;
  add(commands: number): void;
  release(commands: number): void;
  /** Resolves when something was released; look again then. */
  room(): Promise<void>;
}

export function createBacklogBudget(maxCommands: number): BacklogBudget {
  let used = 0;
  let sleepers: (() => void)[] = [];
  return {
    get isFull() {
      return used >= maxCommands;
    },
    add(commands) {
      used += commands;
    },
    release(commands) {
      used -= commands;
      const woken = sleepers;
      sleepers = [];
      for (const wake of woken) wake();
    },
    room: () => new Promise((resolve) => sleepers.push(resolve)),
  };
}
