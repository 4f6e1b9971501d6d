/** `npm run simulate`: one seed, or many, of the simulation; a failing seed prints itself. */
import { parseArgs } from "node:util";
import { NO_BUG, PLANTED_BUGS } from "./bugs.ts";
import { check } from "./checks.ts";
import { simulate } from "./simulate.ts";

const HELP = `npm run simulate -- [--seed N] [--count N] [--bug NAME] [--story]

Runs cores, shards, a log, gateways and bidders in virtual time, with the faults that a seed chooses, and checks the
invariants. The same seed gives the same run, to the last byte.

  --seed N    the first seed (default 1)
  --count N   how many seeds (default 1)
  --bug NAME  with a planted bug: ${PLANTED_BUGS.map(({ breaks }) => breaks).join(", ")} (the invariant that it breaks)
  --story     prints what happened, also when nothing is wrong`;

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    count: { type: "string", default: "1" },
    bug: { type: "string" },
    story: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});

if (values.help) console.log(HELP);
else await main();

async function main(): Promise<void> {
  const bug = PLANTED_BUGS.find(({ breaks }) => breaks === values.bug) ?? NO_BUG;
  if (values.bug !== undefined && bug === NO_BUG) throw new Error(`there is no bug for ${values.bug}`);
  const [first, count] = [Number(values.seed), Number(values.count)];
  let failed = 0;
  const startedMs = performance.now();
  for (let seed = first; seed < first + count; seed++) {
    const simulation = await simulate(seed, bug);
    const findings = await check(simulation);
    if (findings.length > 0) failed++;
    if (findings.length > 0 || values.story) {
      console.log(`seed ${seed}: ${findings.length === 0 ? "every invariant held" : "BROKEN"}`);
      for (const line of simulation.world.story) console.log(`  ${line}`);
      for (const { invariant, what } of findings.slice(0, 10)) console.log(`  ${invariant}: ${what}`);
    }
  }
  const seconds = (performance.now() - startedMs) / 1_000;
  console.log(`${count} seeds, ${failed} broken, ${seconds.toFixed(1)} s`);
  if (failed > 0) process.exitCode = 1;
}
