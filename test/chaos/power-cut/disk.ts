import { mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { mustRun, run } from "../../../infra/local/command.ts";

/**
 * A disk of its own for one server: an ext4 file system in a file, mounted through a loop device. What the kernel has not
 * yet written through that device is not in the file, and is what a power cut takes.
 */
export interface Disk {
  /** Writes out everything there is so far. */
  sync(): Promise<void>;
  /** Keeps the disk's state as a power cut of this moment would leave it. Whoever writes to it must stand still. */
  cut(): Promise<void>;
  /** Puts the kept state in the disk's place; nobody may use the disk. */
  restore(): Promise<void>;
  /** Unmounts it and removes its file, whatever state it is in. */
  close(): Promise<void>;
}

/** Sparse: it takes of the machine's disk what is written to it. */
const DISK_BYTES = 1024 ** 3;

/** The kernel writes back in the background; a copy during which it did so is made again, at most so often. */
const MAX_COPIES = 20;
const COPY_AGAIN_MS = 50;

/** Processes that were just killed may hold the file system for a moment. */
const MAX_UNMOUNTS = 50;
const UNMOUNT_AGAIN_MS = 100;

export async function createDisk(image: string, mountPoint: string): Promise<Disk> {
  await mustRun("truncate", [`--size=${DISK_BYTES}`, image]);
  await mustRun("mkfs.ext4", ["-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0", image]);
  await mkdir(mountPoint, { recursive: true });
  const kept = `${image}.cut`;
  let device = await mount(image, mountPoint);
  return {
    sync: async () => void (await mustRun("sync", ["--file-system", mountPoint])),
    cut: () => copyAtRest(image, kept, device),
    async restore() {
      await unmount(device, mountPoint);
      await rename(kept, image);
      device = await mount(image, mountPoint);
    },
    async close() {
      await unmount(device, mountPoint);
      await Promise.all([image, kept].map((one) => rm(one, { force: true })));
    },
  };
}

/** Why this machine does not let us mount disks of our own; undefined where it does. */
export async function whyNoDisks(): Promise<string | undefined> {
  if (process.platform !== "linux") return "loop-mounted ext4 images are Linux's";
  if (process.getuid?.() !== 0) return "only root may mount";
  const folder = await mkdtemp(path.join(tmpdir(), "lastcall-disk-"));
  try {
    const disk = await createDisk(path.join(folder, "image"), path.join(folder, "mounted"));
    await disk.close();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function mount(image: string, mountPoint: string): Promise<string> {
  const device = (await mustRun("losetup", ["--find", "--show", image])).stdout.trim();
  try {
    await mustRun("mount", ["-t", "ext4", "-o", "noinit_itable", device, mountPoint]);
    return device;
  } catch (error) {
    await run("losetup", ["--detach", device]);
    throw error;
  }
}

async function unmount(device: string, mountPoint: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    const { ok, stderr } = await run("umount", [mountPoint]);
    if (ok || stderr.includes("not mounted")) break;
    if (tries === MAX_UNMOUNTS) throw new Error(`${mountPoint} stays mounted: ${stderr.trim()}`);
    await sleep(UNMOUNT_AGAIN_MS);
  }
  await run("losetup", ["--detach", device]);
}

/** A copy during which the device wrote nothing: a state that the disk really was in. */
async function copyAtRest(image: string, copy: string, device: string): Promise<void> {
  for (let tries = 1; tries <= MAX_COPIES; tries++) {
    const before = await writesOf(device);
    await mustRun("cp", ["--sparse=always", image, copy]);
    const after = await writesOf(device);
    if (before.inFlight === 0 && before.done === after.done && after.inFlight === 0) return;
    await sleep(COPY_AGAIN_MS);
  }
  throw new Error(`${device} was written to during each of ${MAX_COPIES} copies`);
}

/** Of the kernel's statistics of a block device: requests finished (writes, discards, flushes) and under way. */
async function writesOf(device: string): Promise<{ done: string; inFlight: number }> {
  const text = await readFile(`/sys/block/${path.basename(device)}/stat`, "utf8");
  const fields = text.trim().split(/\s+/);
  return { done: [4, 11, 15].map((field) => fields[field] ?? "").join(), inFlight: Number(fields[8]) };
}
