/**
 * What one workerd process can do at best: a bare echo Durable Object behind 200 sockets with 5 messages in flight each, as
 * in the bench's `websocket` case. `node test/bench/floor.ts`; ends by itself after about eight seconds.
 */
import { spawn } from "node:child_process";
import path from "node:path";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { freePort } from "../../infra/local/free-port.ts";
import { repositoryRoot } from "../../infra/local/environment.ts";

const here = path.join(repositoryRoot, "test", "bench");
const port = await freePort();
const miniflare = new Miniflare(
  convertV4MiniflareOptions({
    host: "127.0.0.1",
    port: 0,
    cf: false,
    name: "floor",
    modules: true,
    scriptPath: path.join(here, "floor-worker.mjs"),
    compatibilityDate: "2026-11-01",
    compatibilityFlags: ["nodejs_compat", "no_web_socket_compression"],
    durableObjects: { ECHO: { className: "Echo", useSQLite: true } },
    unsafeDirectSockets: [{ host: "127.0.0.1", port }],
  }),
);
await miniflare.ready;
const bun = path.join(repositoryRoot, "node_modules", ".bin", "bun");
const load = spawn(bun, [path.join(here, "floor-load.ts"), String(port)], { stdio: "inherit" });
await new Promise((resolve) => load.once("exit", resolve));
await miniflare.dispose();
