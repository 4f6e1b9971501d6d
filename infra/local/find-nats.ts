import { createHash } from "node:crypto";
import { chmod, mkdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { cacheFolder, isExecutable, MissingServerError, onPath } from "./binary.ts";
import type { Server } from "./binary.ts";
import { mustRun, run } from "./command.ts";
import { fetchDebianPackages, findAptMirror } from "./debian-packages.ts";

/** The first release that knows `sync_interval: always`; older ones refuse the whole configuration. */
const OLDEST_MINOR = 10;

/** Debian's releases that carry a new enough server; the newest version among them is taken. */
const DEBIAN_SUITES = ["trixie", "sid"];

const RELEASE = "2.12.2";
const RELEASES_URL = "https://github.com/nats-io/nats-server/releases/download";

/** A download that takes longer than this is as good as failed; the file has 6 MB. */
const DOWNLOAD_TIMEOUT_MS = 180_000;

/** Where nats-server is: the environment, PATH, an earlier download, the platform's package, the project's release. */
export async function findNats(report: (text: string) => void, signal?: AbortSignal): Promise<Server> {
  const wanted = process.env.LASTCALL_NATS_SERVER;
  if (wanted !== undefined && wanted !== "") return fromEnvironment(wanted);
  const installed = onPath("nats-server");
  if (installed !== undefined && (await isNewEnough(installed))) return { binary: installed };
  const cached = path.join(cacheFolder(), "nats-server", "nats-server");
  if (isExecutable(cached) && (await isNewEnough(cached))) return { binary: cached };
  const failures: string[] = [];
  for (const fetchOne of [fromDebian, fromRelease]) {
    try {
      report("fetching nats-server");
      const fetched = await fetchOne(signal);
      if (fetched !== undefined) return { binary: await keep(fetched, cached) };
    } catch (error) {
      signal?.throwIfAborted();
      failures.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new MissingServerError(
    `nats-server 2.${OLDEST_MINOR} or newer was not found and could not be fetched (${failures.join("; ")}). ` +
      `Install it with ${installCommand()}, or set LASTCALL_NATS_SERVER to a binary or a nats:// URL.`,
  );
}

async function fromEnvironment(wanted: string): Promise<Server> {
  if (/^(nats|tls):\/\//.test(wanted)) return { url: wanted };
  if (await isNewEnough(wanted)) return { binary: wanted };
  throw new MissingServerError(
    `LASTCALL_NATS_SERVER=${wanted} is not a nats-server 2.${OLDEST_MINOR} or newer.`,
  );
}

async function isNewEnough(binary: string): Promise<boolean> {
  const { stdout, ok } = await run(binary, ["--version"]);
  const match = /v(\d+)\.(\d+)\./.exec(stdout);
  return ok && match !== null && (Number(match[1]) > 2 || Number(match[2]) >= OLDEST_MINOR);
}

async function fromDebian(signal?: AbortSignal): Promise<string | undefined> {
  const mirror = await findAptMirror();
  // Ubuntu and others have mirrors of their own, which do not carry Debian's releases.
  if (mirror === undefined || !mirror.uri.includes("debian")) return undefined;
  const into = path.join(cacheFolder(), `nats-server.${process.pid}`);
  await fetchDebianPackages(mirror, { packages: ["nats-server"], suites: DEBIAN_SUITES, into }, signal);
  return path.join(into, "usr/sbin/nats-server");
}

async function fromRelease(signal?: AbortSignal): Promise<string | undefined> {
  const platform = `${process.platform}-${process.arch === "x64" ? "amd64" : process.arch}`;
  const name = `nats-server-v${RELEASE}-${platform}.tar.gz`;
  const into = path.join(cacheFolder(), `nats-server.${process.pid}`);
  await mkdir(into, { recursive: true });
  const sums = (await download(`${RELEASES_URL}/v${RELEASE}/SHA256SUMS`, signal)).toString("utf8");
  const archive = await download(`${RELEASES_URL}/v${RELEASE}/${name}`, signal);
  const digest = createHash("sha256").update(archive).digest("hex");
  if (!sums.split("\n").some((line) => line.startsWith(digest) && line.trim().endsWith(name))) {
    throw new Error(`${name} does not have the checksum that its release states`);
  }
  await writeFile(path.join(into, name), archive);
  await mustRun("tar", ["-xzf", name, "--strip-components=1"], { cwd: into, signal });
  return path.join(into, "nats-server");
}

async function download(url: string, signal?: AbortSignal): Promise<Buffer> {
  const deadline = AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS);
  const response = await fetch(url, {
    signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
  });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}

/** Moves the binary into place in one step, so that a parallel start never sees half a file. */
async function keep(fetched: string, cached: string): Promise<string> {
  await chmod(fetched, 0o755);
  if (!(await isNewEnough(fetched)))
    throw new Error("the fetched nats-server is too old or does not run here");
  await mkdir(path.dirname(cached), { recursive: true });
  await rename(fetched, cached);
  await rm(path.join(cacheFolder(), `nats-server.${process.pid}`), { recursive: true, force: true });
  return cached;
}

function installCommand(): string {
  if (process.platform === "darwin") return "`brew install nats-server`";
  return "`go install github.com/nats-io/nats-server/v2@latest` or your package manager (`apt install nats-server` on Debian 13)";
}
