/** The load of a chaos run: a process of its own, run by Bun, so that the driver's clock is not delayed by it. */
import { createInterface } from "node:readline";
import { loadJobSchema } from "./load-job.ts";
import { type LoadContext, newLoadContext, sleep } from "./load-context.ts";
import { runRoom } from "./room.ts";

const REPORT_EVERY_MS = 1_000;

/** Rooms open one after the other: so many handshakes at once would be a fault of their own. */
const OPEN_EVERY_MS = 50;

const lines = createInterface({ input: process.stdin });
const context = await new Promise<LoadContext>((resolve, reject) => {
  let known: LoadContext | undefined;
  lines.on("line", (line) => {
    if (known !== undefined) return stop(known);
    const job = loadJobSchema.safeParse(JSON.parse(line));
    if (!job.success) return reject(job.error);
    resolve((known = newLoadContext(job.data)));
  });
  // The driver is gone: nothing of it outlives it.
  lines.once("close", () => process.exit(1));
});

function stop(running: LoadContext): void {
  running.stopping = true;
  running.giveUpAtMs = Date.now() + running.job.patienceMs;
}

function report(): void {
  const { figures } = context;
  process.stdout.write(`${JSON.stringify(figures)}\n`);
  figures.retired = [];
}

let rooms = 0;
async function keepRooms(): Promise<void> {
  while (!context.stopping) await runRoom(context, rooms++);
}

const reporting = setInterval(report, REPORT_EVERY_MS);
const running: Promise<void>[] = [];
for (let i = 0; i < context.job.rooms; i++) {
  running.push(keepRooms());
  await sleep(OPEN_EVERY_MS);
}
await Promise.all(running);
clearInterval(reporting);
context.figures.ended = true;
process.stdout.write(`${JSON.stringify(context.figures)}\n`, () => process.exit(0));
