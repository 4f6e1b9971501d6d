/** `npm run replay`: eBay's auctions once more, through the running system. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { dataFolder, repositoryRoot } from "../../infra/local/environment.ts";
import { createProgress } from "../../infra/local/progress.ts";
import { type EbayAuction, parseEbayBids } from "./ebay-bids.ts";
import { DEFAULT_FILE, parseOptions, type ReplayOptions } from "./options.ts";
import { doorOf, withOwnStack } from "./own-stack.ts";
import { type Door, replayAuctions } from "./replay-auctions.ts";
import { renderReport } from "./report.ts";
import { LEAST_AT_EBAYS_PRICE, summaryOf, type Verdict } from "./verdict.ts";

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
const EXIT_INTERRUPTED = 130;

const HELP = `npm run replay [-- [file.csv] [options]]

Plays real eBay auctions again, bid for bid, as proxy bids with eBay's increments through a running stack, ends each as its
operator, and compares what they closed at with eBay's own price and with a naive model of eBay's rules.

  file.csv      ${DEFAULT_FILE} unless given
  --edge URL    a stack that runs already; otherwise one is started for the run, with data and ports of its own
  --data DIR    the folder of that stack, for its development key (default: LASTCALL_DATA or .lastcall)
  --json        prints one JSON object instead of the table
  --help        this text

Exit code 1 when fewer than ${LEAST_AT_EBAYS_PRICE} auctions close at eBay's price, or one does not go as in the naive model.
`;

async function main(args: readonly string[]): Promise<number> {
  const parsed = parseOptions(args);
  if ("help" in parsed) {
    process.stdout.write(HELP);
    return 0;
  }
  if ("mistake" in parsed) {
    process.stderr.write(`${parsed.mistake}\n\n${HELP}`);
    return EXIT_USAGE;
  }
  const progress = createProgress(process.stderr);
  const stopping = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stopping.abort());
  try {
    const auctions = await readAuctions(parsed.run.file);
    const verdicts = await replay(parsed.run, auctions, { report: progress.step, signal: stopping.signal });
    progress.done();
    return print(parsed.run, verdicts);
  } catch (error) {
    progress.done();
    if (stopping.signal.aborted) return EXIT_INTERRUPTED;
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return EXIT_FAILED;
  }
}

async function readAuctions(file: string): Promise<EbayAuction[]> {
  const full = path.resolve(repositoryRoot, file);
  const csv = await readFile(full, "utf8").catch(() => {
    throw new Error(`${full} cannot be read`);
  });
  return parseEbayBids(csv);
}

async function replay(
  { edge, data }: ReplayOptions,
  auctions: readonly EbayAuction[],
  run: { report: (text: string) => void; signal: AbortSignal },
): Promise<Verdict[]> {
  const work = (door: Door): Promise<Verdict[]> => {
    run.report(`bidding on ${auctions.length} auctions`);
    const interrupted = new Promise<never>((_, reject) => {
      run.signal.addEventListener("abort", () => reject(new Error("interrupted")), { once: true });
    });
    const playing = replayAuctions(door, auctions);
    playing.catch(() => {}); // Heard through the race; after an interruption nobody listens any more.
    return Promise.race([playing, interrupted]);
  };
  if (edge === undefined) return withOwnStack(work, run);
  return work(doorOf(edge, data === undefined ? dataFolder() : path.resolve(data)));
}

function print({ json }: ReplayOptions, verdicts: readonly Verdict[]): number {
  const summary = summaryOf(verdicts);
  const text = json ? `${JSON.stringify({ ...summary, verdicts })}\n` : renderReport(verdicts);
  process.stdout.write(text);
  return summary.passed ? 0 : EXIT_FAILED;
}

const exitCode = await main(process.argv.slice(2));
// An interrupted run may still have requests underway, and would wait for them.
process.stdout.write("", () => process.exit(exitCode));
