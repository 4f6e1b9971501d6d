import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

const BYTES_PER_MB = 1_048_576;

/** What a process holds in memory now (its resident set), in MB of 2^20 bytes. */
export async function residentMb(pid: number): Promise<number> {
  return ((await residentKb(pid)) * 1_024) / BYTES_PER_MB;
}

async function residentKb(pid: number): Promise<number> {
  if (process.platform === "linux") {
    const status = await readFile(`/proc/${pid}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
  }
  const { stdout } = await promisify(execFile)("ps", ["-o", "rss=", "-p", String(pid)]);
  return Number(stdout.trim());
}
