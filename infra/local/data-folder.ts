import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startMark } from "./process-identity.ts";

/** Left-over processes get this long to end in order before they are killed. */
const LEFTOVER_STOP_MS = 10_000;

const SUPERVISOR_FILE = "supervisor.pid";

/**
 * Ends what a stack leaves behind when it is killed: its stdin closes with the process that holds the other end, then
 * it signals every pid file, gives them three seconds, and makes sure. It acts only while the folder still names the
 * stack that it belongs to ($2), and so never touches a next one.
 */
const REAPER = `
trap "" INT TERM HUP
cat >/dev/null
cd "$1" 2>/dev/null || exit 0
for round in orderly final; do
  for file in *.pid; do
    [ "$file" != ${SUPERVISOR_FILE} ] && [ -f "$file" ] || continue
    read -r pid stop mark <"$file"
    [ "$(cat ${SUPERVISOR_FILE} 2>/dev/null)" = "$2" ] || exit 0
    [ "$round" = final ] && stop=KILL
    kill -"$stop" "$pid" 2>/dev/null
  done
  [ "$round" = orderly ] && sleep 3
done
[ "$(cat ${SUPERVISOR_FILE} 2>/dev/null)" = "$2" ] && rm -f *.pid
`;

export interface ClaimedFolder {
  release(): void;
}

/**
 * Makes the folder this process's own: refuses while another stack runs on it, and ends processes that a stack which
 * was killed has left there.
 */
export async function claimDataFolder(data: string, report: (text: string) => void): Promise<ClaimedFolder> {
  const run = path.join(data, "run");
  mkdirSync(run, { recursive: true });
  const supervisor = path.join(run, SUPERVISOR_FILE);
  const previous = readPidFile(supervisor);
  if (previous !== undefined && (await isSame(previous))) {
    throw new Error(
      `a stack already runs on ${data} (process ${previous.pid}). Stop it with Ctrl-C there or \`kill ${previous.pid}\`, ` +
        "or set LASTCALL_DATA to another folder.",
    );
  }
  if (previous !== undefined) rmSync(supervisor, { force: true });
  const line = `${process.pid} TERM ${(await startMark(process.pid)) ?? ""}`;
  // `wx`: of two stacks that start at once, one fails here.
  writeFileSync(supervisor, line, { flag: "wx" });
  const leftovers = await findLeftovers(run);
  if (leftovers.length > 0) report(`ending ${leftovers.length} processes of a stack that was killed`);
  await Promise.all(leftovers.map(end));
  for (const name of readdirSync(run))
    if (name !== SUPERVISOR_FILE) rmSync(path.join(run, name), { force: true });
  const reaper = spawn("sh", ["-c", REAPER, "lastcall-reaper", run, line], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  reaper.unref();
  return {
    release() {
      reaper.kill("SIGKILL");
      rmSync(supervisor, { force: true });
    },
  };
}

interface Recorded {
  readonly pid: number;
  readonly stopSignal: NodeJS.Signals;
  readonly mark: string;
}

function readPidFile(file: string): Recorded | undefined {
  if (!existsSync(file)) return undefined;
  const [pid, stop, ...mark] = readFileSync(file, "utf8").trim().split(" ");
  return { pid: Number(pid), stopSignal: `SIG${stop}` as NodeJS.Signals, mark: mark.join(" ") };
}

async function isSame(recorded: Recorded): Promise<boolean> {
  return recorded.pid > 0 && recorded.mark !== "" && (await startMark(recorded.pid)) === recorded.mark;
}

async function findLeftovers(run: string): Promise<Recorded[]> {
  const recorded = readdirSync(run)
    .filter((name) => name.endsWith(".pid") && name !== SUPERVISOR_FILE)
    .flatMap((name) => readPidFile(path.join(run, name)) ?? []);
  const alive = await Promise.all(recorded.map(isSame));
  return recorded.filter((_, i) => alive[i]);
}

async function end(leftover: Recorded): Promise<void> {
  signalIfThere(leftover.pid, leftover.stopSignal);
  const deadline = Date.now() + LEFTOVER_STOP_MS;
  while (await isSame(leftover)) {
    if (Date.now() > deadline) signalIfThere(leftover.pid, "SIGKILL");
    await sleep(100);
  }
}

/** It may have ended between the look and the signal. */
function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
