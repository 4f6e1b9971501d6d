import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { RunningStack } from "../../infra/local/stack-types.ts";
import { startStack } from "../../infra/local/stack.ts";
import { NO_RATE_LIMITS } from "../support/stack.ts";
import { isKill } from "./faults.ts";
import { startLiveCheck } from "./live-check.ts";
import { liveLine } from "./live-line.ts";
import { type ChaosOptions, parseOptions } from "./options.ts";
import { renderSummary } from "./report.ts";
import { type ChaosPlan, runChaos } from "./run-chaos.ts";
import { type ChaosRun, type ChaosSummary, summarize } from "./summary.ts";

const HELP = `npm run chaos -- [options]

Puts bids over HTTP and WebSocket on a stack of its own (two cores, two shards, fresh data in a temporary folder, free
ports) and kills or stops its parts every few seconds. When the faults are over, an independent checker compares the
log, the shards and everything that clients were told. What the faults are and what is checked: test/chaos/README.md.

  --minutes N   how long (default 5)
  --bids N      and at least until so many bids were sent
  --seed S      the plan of faults; the same seed gives the same plan (default: another one each time)
  --keep        leaves the data folder in any case, to be looked at: LASTCALL_DATA=… npm start -- --servers-only
  --json        prints the summary as one JSON object instead of the table
  --help        this text

The exit code is 1 when anything was lost, doubled, reordered or late, or recovered far too slowly; the run's data is
then kept, and its folder and the command for the same plan are printed.
`;

const EXIT_USAGE = 2;
const EXIT_INTERRUPTED = 130;

/** How long the stack is left alone between blows: most faults are over by then, and some meet the next one. */
const REST_MS = [2_000, 6_000] as const;
const TWICE_SHARE = 0.15;

/** With a target of bids, a run that does not reach it ends after so many times its minutes. */
const MOST_TIMES = 3;

const LOAD = { rooms: 24, biddersPerRoom: 9, thinkMs: 60, lifeMs: [8_000, 24_000] as [number, number] };

async function main(args: readonly string[]): Promise<number> {
  const parsed = parseOptions(args, () => Math.floor(Math.random() * 1_000_000));
  if ("help" in parsed) {
    process.stdout.write(HELP);
    return 0;
  }
  if ("mistake" in parsed) {
    process.stderr.write(`chaos: ${parsed.mistake}\n\n${HELP}`);
    return EXIT_USAGE;
  }
  const interrupt = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => interrupt.abort());
  const data = await mkdtemp(path.join(tmpdir(), "lastcall-chaos-"));
  let passed = false;
  try {
    passed = await chaos(parsed.run, data, interrupt.signal);
  } finally {
    const { seed, minutes, keep } = parsed.run;
    if ((passed || interrupt.signal.aborted) && !keep) await rm(data, { recursive: true, force: true });
    else process.stderr.write(`chaos: the run's data is in ${data}\n`);
    if (!passed)
      process.stderr.write(`chaos: the same plan: npm run chaos -- --seed ${seed} --minutes ${minutes}\n`);
  }
  if (interrupt.signal.aborted) return EXIT_INTERRUPTED;
  return passed ? 0 : 1;
}

async function chaos(options: ChaosOptions, data: string, signal: AbortSignal): Promise<boolean> {
  const { seed, minutes, bids: wanted = 0 } = options;
  const deaths: string[] = [];
  const stack = await startStack(
    {
      data,
      cores: 2,
      edgePort: 0,
      rateLimits: NO_RATE_LIMITS,
      onDeath: (part, how) => void deaths.push(`${part} (${how})`),
    },
    signal,
  );
  try {
    const run = await runWatched(stack, { seed, minutes, wanted, deaths, signal });
    return await tell(summarize(run), { run, data, json: options.json });
  } finally {
    await stack.stop();
  }
}

interface WatchedRun extends Pick<ChaosOptions, "seed" | "minutes"> {
  readonly wanted: number;
  readonly deaths: string[];
  readonly signal: AbortSignal;
}

/** The run, with its line on stderr. */
async function runWatched(stack: RunningStack, options: WatchedRun): Promise<ChaosRun> {
  const { seed, minutes, wanted, deaths, signal } = options;
  const { nats, shards } = stack.info;
  const limitMs = minutes * 60_000;
  let kills = 0;
  const addresses = { nats, shards, folder: path.join(stack.data, "told") };
  const live = await startLiveCheck(addresses, (text) => line.say(text));
  const line = liveLine({ kills: () => kills, found: live.found });
  line.say(`seed ${seed}, ${minutes} minutes, data in ${stack.data}`);
  const plan: ChaosPlan = {
    seed,
    faults: { restMs: REST_MS, twice: TWICE_SHARE },
    load: LOAD,
    goesOn: ({ elapsedMs, bids }) =>
      !signal.aborted && (elapsedMs < limitMs || (bids < wanted && elapsedMs < limitMs * MOST_TIMES)),
  };
  try {
    return await runChaos(stack, plan, {
      deaths,
      onFigures(figures) {
        live.add(figures.retired);
        line.show(figures);
      },
      onFault({ kind }) {
        if (isKill(kind)) kills++;
      },
      say: (text) => line.say(text),
    });
  } finally {
    await live.stop();
    line.end();
  }
}

/** Prints the summary, and leaves everything that was found beside the data. */
async function tell(
  summary: ChaosSummary,
  { run, data, json }: { run: ChaosRun; data: string; json: boolean },
): Promise<boolean> {
  const { findings } = run.checked;
  await writeFile(
    path.join(data, "findings.json"),
    JSON.stringify({ findings, faults: run.faults }, null, 1),
  );
  for (const { word, auctionId, what } of findings.slice(0, 20))
    process.stderr.write(`chaos: ${word}: ${auctionId}: ${what}\n`);
  process.stdout.write(json ? `${JSON.stringify(summary)}\n` : renderSummary(summary));
  return summary.verdict === "passed";
}

process.exitCode = await main(process.argv.slice(2));
