import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type * as z from "zod";

const BUN = fileURLToPath(new URL("../../node_modules/.bin/bun", import.meta.url));

/** Bun's fetch allows 256 requests at once unless told otherwise; the generators have their own limit. */
const LOAD_ENV = { BUN_CONFIG_MAX_HTTP_REQUESTS: "1024" };

const running = new Set<ChildProcess>();

export interface Load<Job, Report> {
  /** In `load/`. */
  readonly script: string;
  readonly job: Job;
  readonly report: z.ZodType<Report>;
}

/** Runs a load generator to its end; throws when it fails or is aborted. */
export async function runLoad<Job, Report>(load: Load<Job, Report>, signal: AbortSignal): Promise<Report> {
  signal.throwIfAborted();
  const file = fileURLToPath(new URL(`./load/${load.script}`, import.meta.url));
  const child = spawn(BUN, [file], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, ...LOAD_ENV },
  });
  running.add(child);
  const stop = (): void => void child.kill("SIGKILL");
  signal.addEventListener("abort", stop, { once: true });
  try {
    const ended = new Promise<string>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code, killedBy) => resolve(killedBy ?? `exit code ${code}`));
    });
    // The generator reads its job while we wait; stdin stays open, its end is the generator's end.
    child.stdin.on("error", () => {}); // EPIPE of a generator that died: its exit says so.
    child.stdin.write(`${JSON.stringify(load.job)}\n`);
    let answer: string | undefined;
    createInterface({ input: child.stdout }).on("line", (line) => (answer = line));
    const how = await ended;
    if (answer === undefined) throw new Error(`${load.script} ended without a report (${how})`);
    return load.report.parse(JSON.parse(answer));
  } finally {
    signal.removeEventListener("abort", stop);
    running.delete(child);
  }
}

/** For the way out: nothing that we started outlives us. */
export function killLoads(): void {
  for (const child of running) child.kill("SIGKILL");
}
