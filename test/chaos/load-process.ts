import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type LoadFigures, loadFiguresSchema, type LoadJob } from "./load/load-job.ts";

const BUN = fileURLToPath(new URL("../../node_modules/.bin/bun", import.meta.url));
const MAIN = fileURLToPath(new URL("./load/main.ts", import.meta.url));

/** Bun's fetch allows 256 requests at once unless told otherwise; a stopped edge holds every bidder's. */
const ENVIRONMENT = { BUN_CONFIG_MAX_HTTP_REQUESTS: "1024" };

export interface LoadProcess {
  /** The newest figures that it has told. */
  figures(): LoadFigures | undefined;
  /** No new bids; resolves with the last figures when every client has its outcome or has given up. */
  stop(): Promise<LoadFigures>;
  /** Rejects when the process ends before it was asked to. */
  readonly failed: Promise<never>;
  kill(): void;
}

/** Starts the load; `onFigures` hears of it every second. */
export function startLoad(job: LoadJob, onFigures: (figures: LoadFigures) => void): LoadProcess {
  const child = spawn(BUN, [MAIN], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, ...ENVIRONMENT },
  });
  let latest: LoadFigures | undefined;
  child.stdin.on("error", () => {}); // EPIPE of a load that died: its exit says so.
  child.stdin.write(`${JSON.stringify(job)}\n`);
  createInterface({ input: child.stdout }).on("line", (line) => {
    latest = loadFiguresSchema.parse(JSON.parse(line));
    onFigures(latest);
  });
  const ended = endOf(child);
  const failed = ended.then((how) => Promise.reject(new Error(`the load has ended: ${how}`)));
  failed.catch(() => {}); // Whoever waits for the run hears of it; after `stop` an end is what was asked for.
  return {
    figures: () => latest,
    failed,
    async stop() {
      child.stdin.write("stop\n");
      const how = await ended;
      if (latest?.ended !== true) throw new Error(`the load ended without its last figures: ${how}`);
      return latest;
    },
    kill: () => void child.kill("SIGKILL"),
  };
}

/** "close", not "exit": its last line has been read then. */
const endOf = (child: ChildProcess): Promise<string> =>
  new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, killedBy) => resolve(killedBy ?? `exit code ${code}`));
  });
