import type { Process } from "./process.ts";
import type { World } from "./world.ts";

/** A server that requests go to, and how well they get there. */
export interface Server {
  readonly name: string;
  isUp: boolean;
  /** How likely it is that a request, or its answer, is lost. */
  lossiness: number;
  /** A one-way trip, in ms. */
  latencyMs: { min: number; max: number };
}

export const newServer = (name: string): Server => ({
  name,
  isUp: true,
  lossiness: 0,
  latencyMs: { min: 0.2, max: 3 },
});

/** How long a client waits for an answer that does not come. */
const TIMEOUT_MS = 3_000;
/** How soon it learns that there is nobody. */
const REFUSED_MS = 2;

/**
 * A request of a process and its answer. The work happens at the server in one moment, whatever becomes of the process
 * meanwhile. A lost request is never worked on, a lost answer was; whoever waits cannot tell them apart.
 */
export function request<T>(world: World, parties: { from: Process; to: Server }, work: () => T): Promise<T> {
  const { from, to } = parties;
  return new Promise((resolve, reject) => {
    const fail = (ms: number, why: string): void =>
      world.after(ms, () => from.deliver(() => reject(new Error(`${to.name}: ${why}`))));
    const trip = (): number => world.random.between(to.latencyMs.min, to.latencyMs.max);
    if (world.random.chance(to.lossiness)) return fail(TIMEOUT_MS, "the request was lost");
    world.after(trip(), () => {
      if (!to.isUp) return fail(REFUSED_MS, "is down");
      let answer: () => void;
      try {
        const result = work();
        answer = () => resolve(result);
      } catch (error) {
        answer = () => reject(error instanceof Error ? error : new Error(String(error)));
      }
      if (world.random.chance(to.lossiness)) return fail(TIMEOUT_MS, "the answer was lost");
      world.after(trip(), () => {
        // A server that died meanwhile has done the work, and can no longer say so.
        if (to.isUp) from.deliver(answer);
        else fail(REFUSED_MS, "the connection broke");
      });
    });
  });
}
