import type { ManagedPart } from "./managed-part.ts";
import type { ServerPart } from "./stack-types.ts";

/** A part with its address. (A spread would freeze `pid`, which changes with every start.) */
export function withUrl(part: ManagedPart, url: string): ServerPart {
  return {
    name: part.name,
    url,
    get pid() {
      return part.pid;
    },
    start: () => part.start(),
    stop: () => part.stop(),
    kill: (signal) => part.kill(signal),
  };
}

/** A server that somebody else runs: it is used, and left alone. */
export function externalPart(name: string, url: string): ServerPart {
  const refuse = (): Promise<void> => Promise.reject(new Error(`${name} at ${url} is not run by this stack`));
  return {
    name,
    url,
    pid: null,
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
    kill: refuse,
  };
}

/** Waits for all of them, and stops those that started when one did not. */
export async function allOrNone(starts: Promise<ServerPart>[]): Promise<ServerPart[]> {
  const settled = await Promise.allSettled(starts);
  const started = settled.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const failed = settled.find((result) => result.status === "rejected");
  if (failed === undefined) return started;
  await Promise.all(started.map((part) => part.stop()));
  throw failed.reason;
}
