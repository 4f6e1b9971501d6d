import type { Clock } from "../../core/clock.ts";
import type { World } from "./world.ts";

/** Something that can be killed, or halted and resumed like by SIGSTOP and SIGCONT, with a clock of its own. */
export interface Process {
  readonly name: string;
  readonly isAlive: boolean;
  readonly isPaused: boolean;
  readonly clock: Clock;
  /** How far its clock is ahead of the world's. */
  skewMs: number;
  /** Runs it in the process: now, when it is resumed, or never once it is dead. */
  deliver(run: () => void): void;
  pause(): void;
  resume(): void;
  kill(): void;
}

export function createProcess(world: World, name: string): Process {
  let isAlive = true;
  let isPaused = false;
  let held: (() => void)[] | undefined;
  const deliver = (run: () => void): void => {
    if (!isAlive) return;
    if (held === undefined) run();
    else held.push(run);
  };
  /** One by one, as a woken process finds its sockets: in the order in which things came, and before what comes now. */
  const catchUp = (): void => {
    if (isPaused) return;
    const run = held?.shift();
    if (run === undefined) {
      held = undefined;
      return;
    }
    run();
    world.after(0.001, catchUp);
  };
  const process: Process = {
    name,
    skewMs: 0,
    get isAlive() {
      return isAlive;
    },
    get isPaused() {
      return isPaused;
    },
    clock: {
      now: () => Math.floor(world.nowMs + process.skewMs),
      sleep: (ms) => new Promise((resolve) => world.after(ms, () => deliver(resolve))),
      turn: () => new Promise((resolve) => world.after(0.01, () => deliver(resolve))),
    },
    deliver,
    pause() {
      isPaused = true;
      held ??= [];
    },
    resume() {
      if (!isPaused) return;
      isPaused = false;
      catchUp();
    },
    kill() {
      isAlive = false;
      isPaused = false;
      held = undefined;
    },
  };
  return process;
}
