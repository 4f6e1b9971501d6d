import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { ManagedPart } from "../../infra/local/managed-part.ts";
import type { RunningStack } from "../../infra/local/stack-types.ts";
import type { FaultKind, PlannedBlow, PlannedFault } from "./fault-plan.ts";

/**
 * How often a start is tried: a Postgres whose old backends have not noticed their postmaster's death yet refuses to
 * start beside them.
 */
const START_ATTEMPTS = 5;
const START_AGAIN_MS = 500;

/** When a fault was done, and when its part served (or ran) again. Milliseconds since the epoch. */
export interface DoneFault extends PlannedFault {
  readonly injectedMs: number;
  readonly restoredMs: number;
  /** Another fault at the same time. */
  readonly beside: FaultKind | null;
}

export const isKill = (kind: FaultKind): boolean => kind.endsWith("-kill");

/** Does a blow and undoes it; resolves when everything runs again. */
export async function strike(stack: RunningStack, { faults }: PlannedBlow): Promise<DoneFault[]> {
  return Promise.all(
    faults.map(async (fault): Promise<DoneFault> => {
      const beside = faults.find((other) => other !== fault)?.kind ?? null;
      const part = partFor(stack, fault);
      const injectedMs = Date.now();
      if (isKill(fault.kind)) await killAndStart(part, fault);
      else await stopAndContinue(part, fault);
      return { ...fault, injectedMs, restoredMs: Date.now(), beside };
    }),
  );
}

function partFor(stack: RunningStack, { kind, number }: PlannedFault): ManagedPart {
  const part = find(stack, kind, number);
  if (part === undefined) throw new Error(`there is no part for ${kind} ${number}`);
  return part;
}

function find(stack: RunningStack, kind: FaultKind, number: number): ManagedPart | undefined {
  switch (kind) {
    case "core-kill":
    case "core-nap":
    case "core-coma":
      return stack.core[number];
    case "nats-kill":
    case "nats-stop":
      return stack.nats;
    case "postgres-kill":
    case "postgres-stop":
      return stack.postgres[number];
    case "redis-kill":
    case "redis-stop":
      return stack.redis;
    case "edge-kill":
    case "edge-stop":
      return stack.edge;
  }
}

async function killAndStart(part: ManagedPart, { downMs }: PlannedFault): Promise<void> {
  await part.kill("SIGKILL");
  await sleep(downMs);
  for (let attempt = 1; ; attempt++) {
    try {
      return await part.start();
    } catch (error) {
      if (attempt === START_ATTEMPTS) throw error;
      await sleep(START_AGAIN_MS);
    }
  }
}

/** Halts the process and those that it has started (Postgres's backends do the work), and lets them all go on. */
async function stopAndContinue(part: ManagedPart, { downMs }: PlannedFault): Promise<void> {
  const { pid } = part;
  if (pid === null) throw new Error(`${part.name} does not run`);
  // The parent first: it then starts no further one.
  const halted = [pid];
  signal(pid, "SIGSTOP");
  for (const child of await childrenOf(pid)) {
    signal(child, "SIGSTOP");
    halted.push(child);
  }
  try {
    await sleep(downMs);
  } finally {
    for (const each of halted.reverse()) signal(each, "SIGCONT");
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // A backend may end between being listed and being halted.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** From `/proc`: Postgres gives each backend a session of its own, so that a process group would not name them. */
async function childrenOf(pid: number): Promise<number[]> {
  const children: number[] = [];
  for (const entry of await readdir("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = await readFile(`/proc/${entry}/stat`, "utf8").catch(() => "");
    // After the name, which may hold anything but ends with the last parenthesis: state, parent.
    const parent = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1];
    if (Number(parent) === pid) children.push(Number(entry));
  }
  return children;
}
