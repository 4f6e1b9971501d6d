import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { mustRun, run } from "./command.ts";

/** A mirror as the machine's own apt configuration names it. */
export interface AptMirror {
  readonly uri: string;
  readonly codename: string;
  readonly signedBy: string | undefined;
  readonly components: string;
}

export interface FetchRequest {
  readonly packages: readonly string[];
  /** Releases to choose from; apt takes the newest version that any of them has. */
  readonly suites: readonly string[];
  /** Receives the unpacked files (`usr/bin/…`). */
  readonly into: string;
}

/** The mirror of the running release, or undefined on a machine without apt. */
export async function findAptMirror(etc = "/etc"): Promise<AptMirror | undefined> {
  const codename = /^VERSION_CODENAME=(\S+)$/m.exec(await readText(path.join(etc, "os-release")))?.[1];
  if (codename === undefined || !existsSync("/usr/bin/apt-get")) return undefined;
  const folder = path.join(etc, "apt/sources.list.d");
  const files = existsSync(folder) ? (await readdir(folder)).map((name) => path.join(folder, name)) : [];
  for (const file of [path.join(etc, "apt/sources.list"), ...files]) {
    const text = await readText(file);
    const mirror = file.endsWith(".sources") ? fromDeb822(text, codename) : fromOneLine(text, codename);
    if (mirror !== undefined) return mirror;
  }
  return undefined;
}

/**
 * Downloads packages and unpacks them into a folder of our own: no root needed, nothing of the system is touched, and
 * other releases than the machine's own can be asked. Signatures are checked by apt against the machine's keyring.
 * Returns the names of the packages that the fetched ones depend on.
 */
export async function fetchDebianPackages(
  mirror: AptMirror,
  request: FetchRequest,
  signal?: AbortSignal,
): Promise<string[]> {
  const work = path.join(request.into, ".apt");
  await rm(work, { recursive: true, force: true });
  await mkdir(path.join(work, "lists/partial"), { recursive: true });
  await mkdir(path.join(work, "cache/archives/partial"), { recursive: true });
  const signed = mirror.signedBy === undefined ? "" : `[signed-by=${mirror.signedBy}] `;
  const sources = path.join(work, "sources.list");
  await writeFile(
    sources,
    request.suites.map((suite) => `deb ${signed}${mirror.uri} ${suite} ${mirror.components}\n`).join(""),
  );
  const options = [
    `-oDir::Etc::sourcelist=${sources}`,
    "-oDir::Etc::sourceparts=/dev/null",
    `-oDir::State::Lists=${path.join(work, "lists")}`,
    `-oDir::Cache=${path.join(work, "cache")}`,
    "-oAcquire::Languages=none",
    ...(process.getuid?.() === 0 ? ["-oAPT::Sandbox::User=root"] : []),
  ];
  await mustRun("apt-get", [...options, "update", "-qq"], { signal });
  await mustRun("apt-get", [...options, "download", "-qq", ...request.packages], { cwd: work, signal });
  const dependencies: string[] = [];
  for (const name of (await readdir(work)).filter((entry) => entry.endsWith(".deb"))) {
    const archive = path.join(work, name);
    await mustRun("dpkg-deb", ["-x", archive, request.into], { signal });
    const { stdout } = await mustRun("dpkg-deb", ["-f", archive, "Depends"], { signal });
    dependencies.push(...stdout.split(",").map((text) => text.trim().split(/[\s:]/)[0] ?? ""));
  }
  await rm(work, { recursive: true, force: true });
  return dependencies;
}

/** Shared libraries that a binary asks for and the machine does not have. */
export async function missingLibraries(binary: string, libraryPath: string): Promise<string[]> {
  const listed = await run("ldd", [binary], { env: { ...process.env, LD_LIBRARY_PATH: libraryPath } });
  return [...listed.stdout.matchAll(/^\s*(\S+) => not found$/gm)].map((match) => match[1] ?? "");
}

function fromDeb822(text: string, codename: string): AptMirror | undefined {
  for (const stanza of text.split(/\n\s*\n/)) {
    const field = (name: string): string | undefined =>
      new RegExp(`^${name}:[ \\t]*(.+)$`, "m").exec(stanza)?.[1]?.trim();
    if (!(field("Suites") ?? "").split(/\s+/).includes(codename) || /^Enabled:\s*no/m.test(stanza)) continue;
    const uri = field("URIs")?.split(/\s+/)[0];
    if (uri === undefined) continue;
    return {
      uri,
      codename,
      signedBy: keyringFile(field("Signed-By")),
      components: field("Components") ?? "main",
    };
  }
  return undefined;
}

function fromOneLine(text: string, codename: string): AptMirror | undefined {
  for (const line of text.split("\n")) {
    const match = /^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+(.+)$/.exec(line.trim());
    if (match?.[3] !== codename || match[2] === undefined) continue;
    const signedBy = /signed-by=(\S+)/i.exec(match[1] ?? "")?.[1];
    return { uri: match[2], codename, signedBy: keyringFile(signedBy), components: match[4] ?? "main" };
  }
  return undefined;
}

/** Signed-By may also hold a key inline; then apt's default keyrings have to do. */
function keyringFile(value: string | undefined): string | undefined {
  return value?.startsWith("/") === true ? value : undefined;
}

async function readText(file: string): Promise<string> {
  return existsSync(file) ? readFile(file, "utf8") : "";
}
