import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { cacheFolder, isExecutable, MissingServerError, onPath } from "./binary.ts";
import type { Server } from "./binary.ts";
import { mustRun, run } from "./command.ts";
import { fetchDebianPackages, findAptMirror, missingLibraries } from "./debian-packages.ts";
import type { AptMirror } from "./debian-packages.ts";

/** The oldest release whose Lua and sorted sets we have tried. */
const OLDEST_MAJOR = 6;

/** Where redis-server (or valkey-server, which speaks the same) is: environment, PATH, earlier download, package. */
export async function findRedis(report: (text: string) => void, signal?: AbortSignal): Promise<Server> {
  const wanted = process.env.LASTCALL_REDIS_SERVER;
  if (wanted !== undefined && wanted !== "") {
    if (/^rediss?:\/\//.test(wanted)) return { url: wanted };
    if (await isNewEnough(wanted)) return { binary: wanted };
    throw new MissingServerError(
      `LASTCALL_REDIS_SERVER=${wanted} is not a redis-server ${OLDEST_MAJOR} or newer.`,
    );
  }
  for (const name of ["redis-server", "valkey-server"]) {
    const installed = onPath(name);
    if (installed !== undefined && (await isNewEnough(installed))) return { binary: installed };
  }
  const cached = path.join(cacheFolder(), "redis-server", "redis-server");
  if (isExecutable(cached) && (await isNewEnough(cached))) return { binary: cached };
  let failure = "no package manager of this platform is known";
  const mirror = await findAptMirror();
  if (mirror !== undefined) {
    try {
      report("fetching redis-server");
      return { binary: await fromDebian(mirror, cached, signal) };
    } catch (error) {
      signal?.throwIfAborted();
      failure = error instanceof Error ? error.message : String(error);
    }
  }
  throw new MissingServerError(
    `redis-server ${OLDEST_MAJOR} or newer was not found and could not be fetched (${failure}). ` +
      `Install it with ${process.platform === "darwin" ? "`brew install redis`" : "`apt install redis-server`"}, ` +
      "or set LASTCALL_REDIS_SERVER to a binary or a redis:// URL.",
  );
}

async function isNewEnough(binary: string): Promise<boolean> {
  const { stdout, ok } = await run(binary, ["--version"]);
  return ok && Number(/v=(\d+)\./.exec(stdout)?.[1] ?? 0) >= OLDEST_MAJOR;
}

/**
 * The package of the machine's own release, unpacked beside the libraries it needs and the machine lacks. The binary is
 * started through a two-line script, because it has to be told where those libraries are.
 */
async function fromDebian(mirror: AptMirror, cached: string, signal?: AbortSignal): Promise<string> {
  const target = path.dirname(cached);
  const into = `${target}.${process.pid}`;
  const suites = [mirror.codename];
  await rm(into, { recursive: true, force: true });
  await mkdir(into, { recursive: true });
  const wanted = { packages: ["redis-server", "redis-tools"], suites, into };
  const dependencies = await fetchDebianPackages(mirror, wanted, signal);
  const binary = "usr/bin/redis-server";
  if (
    (await missingLibraries(path.join(into, binary), libraryPath(into, await libraryFolder(into)))).length > 0
  ) {
    // The C library must be the machine's own: it belongs to the loader that starts everything else.
    const packages = dependencies.filter((name) => name.startsWith("lib") && name !== "libc6");
    await fetchDebianPackages(mirror, { packages, suites, into }, signal);
  }
  const folder = await libraryFolder(into);
  const missing = await missingLibraries(path.join(into, binary), libraryPath(into, folder));
  if (missing.length > 0) throw new Error(`redis-server lacks ${missing.join(", ")}`);
  const script = `#!/bin/sh\nLD_LIBRARY_PATH="${libraryPath(target, folder)}" exec "${path.join(target, binary)}" "$@"\n`;
  await writeFile(path.join(into, path.basename(cached)), script, { mode: 0o755 });
  await rm(target, { recursive: true, force: true });
  await rename(into, target);
  await mustRun(cached, ["--version"], { signal });
  return cached;
}

/** Debian keeps libraries in a folder named after the architecture, e.g. `x86_64-linux-gnu`. */
async function libraryFolder(root: string): Promise<string> {
  const base = path.join(root, "usr/lib");
  const names = existsSync(base) ? await readdir(base) : [];
  return names.find((name) => /-linux-gnu/.test(name)) ?? "";
}

function libraryPath(root: string, folder: string): string {
  return [path.join(root, "usr/lib", folder), path.join(root, "lib", folder)].join(":");
}
