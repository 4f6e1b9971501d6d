/** `npm run power-cut`: cuts the power of NATS and Postgres under load, and counts which promises are broken. */
import { parseArgs } from "node:util";
import { CONFIGURATIONS } from "./power-cut/configurations.ts";
import { whyNoDisks } from "./power-cut/disk.ts";
import { renderRows, rowsOf } from "./power-cut/report.ts";
import { type Round, runRound } from "./power-cut/round.ts";

const DEFAULT_ROUNDS = 3;
const MOST_ROUNDS = 1_000;

/** The load before a cut lasts between these, so that a cut may hit any moment of a sync, a commit or a checkpoint. */
const SHORTEST_LOAD_MS = 200;
const LONGEST_LOAD_MS = 4_000;

const HELP = `npm run power-cut -- [--rounds N] [--only-durable] [--json]

nats-server and a Postgres shard, each on a disk of its own (an ext4 image on a loop device), under load. At a random moment
both are stopped where they stand, and what has reached their disks is all that is left: page cache and processes are gone.
Both start again on that, and every bid that was acknowledged as queued, and every one that was told to be accepted,
is looked for in the log and in Postgres. Then a core goes on, and each queued bid must be decided once, at its place.

The other configurations sync too seldom: they must lose bids, or the check would see nothing. Linux, as root.

  --rounds N      cuts for each configuration (default ${DEFAULT_ROUNDS}); a few seconds each
  --only-durable  Lastcall's own configuration alone, without the controls
  --json          the rows as JSON

Exit code 1 when something was lost that must not be, or a control saw no loss.`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      rounds: { type: "string", default: String(DEFAULT_ROUNDS) },
      "only-durable": { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const count = Number(values.rounds);
  if (!(Number.isInteger(count) && count >= 1 && count <= MOST_ROUNDS))
    throw new Error(`--rounds takes 1 to ${MOST_ROUNDS}`);
  const refusal = await whyNoDisks();
  if (refusal !== undefined) throw new Error(`no disks can be mounted here: ${refusal}`);
  const stopped = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stopped.abort());

  const rounds: Round[] = [];
  const tried = CONFIGURATIONS.filter(({ durable }) => durable || !values["only-durable"]);
  for (let number = 1; number <= count; number++) {
    for (const configuration of tried) {
      // A round that is under way ends first: it has disks to unmount.
      if (stopped.signal.aborted) break;
      const span = LONGEST_LOAD_MS - SHORTEST_LOAD_MS;
      const round = await runRound(configuration, Math.round(SHORTEST_LOAD_MS + Math.random() * span));
      rounds.push(round);
      console.error(`cut ${number} of ${count}: ${describe(round)}`);
    }
  }
  const rows = rowsOf(rounds);
  console.log(values.json ? JSON.stringify(rows, null, 2) : renderRows(rows));
  return rows.every(({ asExpected }) => asExpected) ? 0 : 1;
}

function describe(round: Round): string {
  const { configuration, cutAfterMs, queued, queuedLost, accepted, acceptedLost, notes } = round;
  const losses = `queued ${queued}, lost ${queuedLost}; accepted ${accepted}, lost ${acceptedLost}`;
  return [`${configuration}, after ${cutAfterMs} ms: ${losses}`, ...notes].join("; ");
}

main().then(
  (code) => void (process.exitCode = code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  },
);
