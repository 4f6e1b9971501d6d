import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/** A process inside an fsync stops when that has returned. */
const STOP_TIMEOUT_MS = 10_000;
const LOOK_AGAIN_MS = 2;

/** Stops a process and its children in the middle of what they do; resolves, with their pids, once all stand still. */
export async function freezeTree(root: number): Promise<number[]> {
  const deadlineMs = Date.now() + STOP_TIMEOUT_MS;
  signal([root], "SIGSTOP");
  for (;;) {
    // Anew each time: a child may have been forked before its parent stood still.
    const tree = await treeOf(root);
    signal(tree, "SIGSTOP");
    const standing = await Promise.all(tree.map(standsStill));
    if (standing.every((still) => still) && (await treeOf(root)).length === tree.length) return tree;
    if (Date.now() > deadlineMs) throw new Error(`process ${root} does not stop`);
    await sleep(LOOK_AGAIN_MS);
  }
}

/** Signals processes; those that are gone already do not matter. */
export function signal(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}

async function treeOf(root: number): Promise<number[]> {
  const all = (await readdir("/proc")).map(Number).filter(Number.isInteger);
  const parents = new Map(
    await Promise.all(all.map(async (pid) => [pid, Number((await statOf(`/proc/${pid}`))[1])] as const)),
  );
  const tree = [root];
  for (const pid of tree) for (const [child, parent] of parents) if (parent === pid) tree.push(child);
  return tree;
}

async function standsStill(pid: number): Promise<boolean> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const states = await Promise.all(
    threads.map(async (thread) => (await statOf(`/proc/${pid}/task/${thread}`))[0]),
  );
  return states.every((state) => state === undefined || "TZX".includes(state));
}

/** State, parent and the rest, behind the name (which may hold anything); empty for a process that is gone. */
async function statOf(folder: string): Promise<string[]> {
  const text = await readFile(`${folder}/stat`, "utf8").catch(() => "");
  return text === "" ? [] : text.slice(text.lastIndexOf(")") + 2).split(" ");
}
