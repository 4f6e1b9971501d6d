/** The process behind `startEdge`: sets workerd up with miniflare, then waits for its end. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import * as z from "zod";
import { startMark } from "./process-identity.ts";

/** How soon the death of workerd is noticed. */
const LOOK_MS = 100;

const settingsSchema = z.object({
  bundle: z.string(),
  port: z.int(),
  persist: z.string(),
  /** Where the runtime's script leaves the pid of workerd. */
  pidFile: z.string(),
  /** The same among the stack's own records. */
  recordFile: z.string(),
  bindings: z.record(z.string(), z.string()),
});

const configSchema = z.object({
  script: z.string(),
  compatibilityDate: z.string(),
  compatibilityFlags: z.array(z.string()),
  durableObjects: z.record(z.string(), z.string()),
  vars: z.record(z.string(), z.json()),
});

const settings = settingsSchema.parse(JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")));
const config = configSchema.parse(
  JSON.parse(readFileSync(path.join(settings.bundle, "config.json"), "utf8")),
);

// The runtime's script refuses to start while there is one: see `runtimeScript`.
rmSync(settings.pidFile, { force: true });
const worker = convertV4MiniflareOptions({
  log: new Log(LogLevel.WARN),
  host: "127.0.0.1",
  port: 0,
  // Otherwise every start asks a server on the internet where it is.
  cf: false,
  name: "lastcall",
  modules: true,
  scriptPath: path.join(settings.bundle, config.script),
  compatibilityDate: config.compatibilityDate,
  compatibilityFlags: config.compatibilityFlags,
  durableObjects: Object.fromEntries(
    Object.entries(config.durableObjects).map(([name, className]) => [name, { className, useSQLite: true }]),
  ),
  bindings: { ...config.vars, ...settings.bindings },
  // Straight to the Worker: miniflare's own front is one hop more for every request.
  unsafeDirectSockets: [{ host: "127.0.0.1", port: settings.port }],
});
const miniflare = new Miniflare({
  ...worker,
  resourcePersistencePath: settings.persist,
  enableDevRegistry: false,
});
let stopping = false;

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => {
    stopping = true;
    miniflare.dispose().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  });
}

await miniflare.ready;
const pid = Number(readFileSync(settings.pidFile, "utf8"));
const mark = await startMark(pid);
// For whoever has to clean up if this process is killed.
writeFileSync(settings.recordFile, `${pid} KILL ${mark ?? ""}\n`);
process.once("exit", () => rmSync(settings.recordFile, { force: true }));
console.log(JSON.stringify({ ready: true, pid }));
while ((await startMark(pid)) === mark) await sleep(LOOK_MS);
if (!stopping) {
  console.error("workerd has ended");
  process.exit(1);
}
