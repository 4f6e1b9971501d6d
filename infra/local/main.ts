/** `npm start`: a whole Lastcall on this machine, in the foreground until Ctrl-C. */
import path from "node:path";
import { parseArgs } from "node:util";
import { createDemo, demoText } from "./demo.ts";
import { coreCount, dataFolder, edgePort } from "./environment.ts";
import { createProgress } from "./progress.ts";
import { startStack } from "./stack.ts";
import type { RunningStack, StackOptions } from "./stack-types.ts";

const HELP = `npm start [-- --servers-only] [--data FOLDER] [--backend embedded|containers] [--no-demo]

Starts Postgres (two shards), NATS, Redis, the core and the edge, creates demo auctions, and stays in the foreground.

  EDGE_PORT=8787        the edge's port; all others are picked free
  LASTCALL_DATA=.lastcall   where everything is kept; stack.json in it says where everything runs
  CORES=1               core processes
  RESTART=1             start again what dies
  --servers-only        Postgres, NATS and Redis without core and edge; prints the path of stack.json
  LASTCALL_NATS_SERVER, LASTCALL_REDIS_SERVER   a binary or a URL to use instead of what would be found`;

const { values } = parseArgs({
  options: {
    "servers-only": { type: "boolean", default: false },
    "no-demo": { type: "boolean", default: false },
    backend: { type: "string", default: "embedded" },
    data: { type: "string" },
    help: { type: "boolean", short: "h", default: false },
  },
});

if (values.help) console.log(HELP);
else await main();

async function main(): Promise<void> {
  const progress = createProgress(process.stderr);
  const stopping = stopOnSignals();
  let stack: RunningStack | undefined;
  try {
    stack = await startStack(options(progress.step), stopping);
    await announce(stack, progress);
    if (!stopping.aborted)
      await new Promise((resolve) => stopping.addEventListener("abort", resolve, { once: true }));
  } catch (error) {
    progress.done();
    if (!stopping.aborted) console.error(error instanceof Error ? error.message : error);
    process.exitCode = stopping.aborted ? 0 : 1;
  }
  if (stack !== undefined) {
    progress.step("stopping");
    await stack.stop();
  }
  progress.done();
  if (stopping.aborted) console.log("lastcall stopped");
  process.exit();
}

function options(report: (text: string) => void): StackOptions {
  if (values.backend !== "embedded" && values.backend !== "containers") {
    throw new Error(`--backend ${values.backend} is neither embedded nor containers.`);
  }
  return {
    data: values.data === undefined ? dataFolder() : path.resolve(values.data),
    backend: values.backend,
    serversOnly: values["servers-only"],
    edgePort: edgePort(),
    cores: coreCount(),
    restart: process.env.RESTART === "1",
    report,
    onDeath: (part, how) => console.error(`${part} has ended: ${how}`),
  };
}

async function announce(
  stack: RunningStack,
  progress: { step(text: string): void; done(): void },
): Promise<void> {
  if (values["servers-only"]) {
    progress.done();
    console.log(path.join(stack.data, "stack.json"));
    return;
  }
  progress.step("creating demo auctions");
  const demo = values["no-demo"] ? undefined : await createDemo(stack, Date.now());
  progress.done();
  if (demo !== undefined) console.log(demoText(demo, stack.info.edge ?? ""));
  console.log(`lastcall ready ${stack.info.edge}`);
}

/** The first signal asks for the orderly stop; later ones change nothing, it is bounded anyway. */
function stopOnSignals(): AbortSignal {
  const stopping = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stopping.abort());
  return stopping.signal;
}
