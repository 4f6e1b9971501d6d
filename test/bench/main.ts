import { setTimeout as sleep } from "node:timers/promises";
import { type BenchStack, startBenchStack } from "./bench-stack.ts";
import { allCases } from "./cases/all-cases.ts";
import type { BenchCase, CaseContext } from "./cases/case.ts";
import { killLoads } from "./child.ts";
import { type Bar, type CaseFigures, judge, withRatios } from "./figures.ts";
import { DEFAULT_BIDS, DEFAULT_SECONDS, type BenchOptions, parseOptions } from "./options.ts";
import { renderTable } from "./report.ts";

/** Between two cases: late commits, checkpoints and closing sockets of the one before settle. */
const PAUSE_MS = 2_000;

/** A second signal within this time is the first one again. */
const SAME_SIGNAL_MS = 1_000;

/** Exit codes, besides 0: figures below their bar are no failure, a case that fails or loses a bid is one. */
const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
const EXIT_INTERRUPTED = 130;

const HELP = `npm run bench -- [case …] [options]

Measures a stack of its own: fresh data in a temporary folder, free ports, loopback only; all of it, the load generator
included, shares this machine. Every case warms up before it measures. decide needs no stack, and alone starts none.
Without a case, all run, in this order:

${allCases.map(({ name, about }) => `  ${name.padEnd(10)} ${about}`).join("\n")}

  --json         prints one JSON object instead of the table: { "<case>": { rate, p50_ms, p99_ms, lost, … } }
  --seconds N    measured seconds of each timed case (default ${DEFAULT_SECONDS}); two or three seconds of warm-up come before
  --bids N       bids of drain and memory (default ${DEFAULT_BIDS.toLocaleString("en")}; the bars are meant for that)
  --data DIR     makes the run's folder there; it must be a real disk, or fsync costs nothing
  --help         this text

Progress goes to stderr. Missed bars are reported and do not fail the run; a lost bid or a failed case does.
`;

const progress = (text: string): void => void process.stderr.write(`bench: ${text}\n`);

async function main(args: readonly string[]): Promise<number> {
  const parsed = parseOptions(
    args,
    allCases.map(({ name }) => name),
  );
  if ("help" in parsed) {
    process.stdout.write(HELP);
    return 0;
  }
  if ("mistake" in parsed) {
    progress(`${parsed.mistake}\n\n${HELP}`);
    return EXIT_USAGE;
  }
  const interrupt = interruptOnSignals();
  const failed = await bench(parsed.run, interrupt);
  if (interrupt.aborted) return EXIT_INTERRUPTED;
  return failed ? EXIT_FAILED : 0;
}

/** Ctrl-C once stops in order, twice at once. A terminal's Ctrl-C may arrive twice: from it, and forwarded by npm. */
function interruptOnSignals(): AbortSignal {
  const interrupt = new AbortController();
  let firstMs = 0;
  const onSignal = (name: NodeJS.Signals): void => {
    if (interrupt.signal.aborted) {
      if (performance.now() - firstMs > SAME_SIGNAL_MS) process.exit(EXIT_INTERRUPTED);
      return;
    }
    firstMs = performance.now();
    progress("stopping; once more to stop at once");
    interrupt.abort(new Error(`interrupted by ${name}`));
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return interrupt.signal;
}

/** Runs the cases, all that need one on one stack, and prints what they measured; true when one failed or lost a bid. */
async function bench(options: BenchOptions, signal: AbortSignal): Promise<boolean> {
  const cases = allCases.filter(({ name }) => options.cases.includes(name));
  const onStack = cases.filter((benchCase) => benchCase.needs !== "memory");
  const found: Found = { measured: new Map(), errors: new Map() };
  let stack: BenchStack | undefined;
  try {
    // First, because a stack that idles beside them would still take its share of the machine.
    for (const benchCase of cases)
      if (benchCase.needs === "memory") await measure(benchCase, benchCase.run, { options, signal, found });
    if (onStack.length > 0) {
      const withEdge = onStack.some(({ needs }) => needs === "edge");
      stack = await startBenchStack({ withEdge, parent: options.data, progress }, signal);
    }
    for (const benchCase of onStack) {
      const running = stack;
      if (running === undefined || signal.aborted) break;
      const run = (context: CaseContext) => benchCase.run({ ...context, stack: running });
      await measure(benchCase, run, { options, signal, found });
      await sleep(PAUSE_MS);
    }
  } catch (error) {
    found.errors.set("stack", messageOf(error));
  } finally {
    killLoads();
    if (stack !== undefined) progress("stopping the stack");
    await stack?.stop();
  }
  const { measured, errors } = found;
  for (const [name, message] of errors) progress(`${name} failed: ${message}`);
  print({ options, measured: withRatios(measured), errors });
  return errors.size > 0 || cases.some(({ name, bars }) => isBroken(bars, measured.get(name)));
}

interface Found {
  readonly measured: Map<string, CaseFigures>;
  readonly errors: Map<string, string>;
}

/** Notes the case's figures or why there are none; gives up when it takes longer than it may, or when the run is interrupted. */
async function measure(
  { name, limitSeconds }: Pick<BenchCase, "name" | "limitSeconds">,
  run: (context: CaseContext) => Promise<CaseFigures>,
  bench: { options: BenchOptions; signal: AbortSignal; found: Found },
): Promise<void> {
  const { options, found } = bench;
  const limit = AbortSignal.timeout(limitSeconds(options) * 1_000);
  const signal = AbortSignal.any([bench.signal, limit]);
  const given = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(asError(signal.reason)), { once: true });
  });
  const work = run({ options, signal, progress: (text) => progress(`${name}: ${text}`) });
  work.catch(() => {}); // Heard through the race; after an abort nobody listens any more.
  try {
    found.measured.set(name, await Promise.race([work, given]));
  } catch (error) {
    found.errors.set(name, messageOf(error));
  }
}

/** Whether bids were lost or doubled. */
const isBroken = (bars: readonly Bar[], figures: CaseFigures | undefined): boolean =>
  figures !== undefined && judge(bars, figures).some(({ bar, met }) => bar.mustHold === true && !met);

interface Results {
  readonly options: BenchOptions;
  readonly measured: ReadonlyMap<string, CaseFigures>;
  readonly errors: ReadonlyMap<string, string>;
}

function print({ options, measured, errors }: Results): void {
  if (options.json) {
    const failures = [...errors].map(([name, error]) => [
      name,
      { rate: null, p50_ms: null, p99_ms: null, lost: null, error },
    ]);
    process.stdout.write(`${JSON.stringify(Object.fromEntries([...measured, ...failures]))}\n`);
    return;
  }
  const reported = allCases.flatMap(({ name, bars }) => {
    const figures = measured.get(name);
    return figures === undefined ? [] : [{ name, figures, verdicts: judge(bars, figures) }];
  });
  if (reported.length > 0) process.stdout.write(`${renderTable(reported)}\n`);
}

const asError = (reason: unknown): Error => (reason instanceof Error ? reason : new Error(String(reason)));

const messageOf = (error: unknown): string => asError(error).message;

const exitCode = await main(process.argv.slice(2));
// A case that was given up may still hold a connection open, and would hold the process with it.
process.stdout.write("", () => process.exit(exitCode));
