import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { mustRun } from "./command.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const cache = path.join(root, "node_modules/.cache/lastcall/edge");

/** Everything that decides what the bundle holds. */
const SOURCES = ["edge", "shared", "wrangler.toml", "package-lock.json"];

/** Old bundles are kept for switching between branches. */
const KEPT_BUNDLES = 5;

/** A bundle takes seconds. */
const BUNDLE_TIMEOUT_MS = 120_000;

/**
 * The folder with the Worker's bundle (`worker.js`) as `wrangler deploy` would upload it, and with what wrangler.toml
 * says about it (`config.json`). Made once for each state of the sources.
 */
export async function edgeBundle(report: (text: string) => void, signal?: AbortSignal): Promise<string> {
  const folder = path.join(cache, await contentHash());
  if (existsSync(path.join(folder, "config.json"))) return folder;
  report("bundling the edge");
  const draft = `${folder}.${process.pid}`;
  await mkdir(draft, { recursive: true });
  const wrangler = path.join(root, "node_modules/wrangler/bin/wrangler.js");
  const env = { ...process.env, WRANGLER_SEND_METRICS: "false", CI: "1", WRANGLER_LOG_SANITIZE: "true" };
  const args = [wrangler, "deploy", "--dry-run", "--outdir", draft];
  await mustRun(process.execPath, args, { cwd: root, env, signal, timeoutMs: BUNDLE_TIMEOUT_MS });
  await writeFile(path.join(draft, "config.json"), JSON.stringify(await workerConfig()));
  await rm(folder, { recursive: true, force: true });
  await rename(draft, folder);
  await forgetOld();
  return folder;
}

/** The part of wrangler.toml that miniflare has to be told. */
async function workerConfig(): Promise<unknown> {
  const { unstable_readConfig: readConfig } = await import("wrangler");
  const config = readConfig({ config: path.join(root, "wrangler.toml") }, { hideWarnings: true });
  return {
    script: `${path.basename(config.main ?? "worker.ts", path.extname(config.main ?? ".ts"))}.js`,
    compatibilityDate: config.compatibility_date,
    compatibilityFlags: config.compatibility_flags,
    durableObjects: Object.fromEntries(
      config.durable_objects.bindings.map((each: { name: string; class_name: string }) => [
        each.name,
        each.class_name,
      ]),
    ),
    vars: config.vars,
  };
}

async function contentHash(): Promise<string> {
  const hash = createHash("sha256");
  for (const source of SOURCES) await addTo(hash, path.join(root, source));
  return hash.digest("hex").slice(0, 24);
}

async function addTo(hash: ReturnType<typeof createHash>, file: string): Promise<void> {
  if ((await stat(file)).isDirectory()) {
    for (const name of (await readdir(file)).sort()) await addTo(hash, path.join(file, name));
    return;
  }
  hash
    .update(path.relative(root, file))
    .update("\0")
    .update(await readFile(file))
    .update("\0");
}

async function forgetOld(): Promise<void> {
  const names = await readdir(cache);
  const dated = await Promise.all(
    names.map(async (name) => ({ name, at: (await stat(path.join(cache, name))).mtimeMs })),
  );
  dated.sort((a, b) => b.at - a.at);
  for (const { name } of dated.slice(KEPT_BUNDLES))
    await rm(path.join(cache, name), { recursive: true, force: true });
}
