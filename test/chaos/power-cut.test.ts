import { afterAll, expect, test } from "vitest";
import { CONFIGURATIONS, type Configuration } from "./power-cut/configurations.ts";
import { whyNoDisks } from "./power-cut/disk.ts";
import { renderRows, rowsOf } from "./power-cut/report.ts";
import { type Round, runRound } from "./power-cut/round.ts";

const refusal = await whyNoDisks();
if (refusal !== undefined)
  console.warn(`the power cut is not tried: no disks can be mounted here: ${refusal}`);

/** Long enough for many syncs, short enough for every run of the suite. `npm run power-cut` takes its time. */
const LOAD_MS = { least: 200, most: 1_200 };

/** A cut that happens to fall right behind a sync costs even the careless nothing. */
const MOST_CUTS_OF_A_CONTROL = 3;

const rounds: Round[] = [];
afterAll(() => {
  if (rounds.length > 0) console.log(`power cuts, bids:\n${renderRows(rowsOf(rounds))}`);
});

async function cut(configuration: Configuration): Promise<Round> {
  const { least, most } = LOAD_MS;
  const round = await runRound(configuration, Math.round(least + Math.random() * (most - least)));
  rounds.push(round);
  return round;
}

const durable = CONFIGURATIONS.filter((one) => one.durable);
const careless = CONFIGURATIONS.filter((one) => !one.durable);

test.for(durable)(
  "a power cut under load loses, moves and doubles no bid that was acknowledged: $name (I1, I2)",
  async (configuration, { skip }) => {
    if (refusal !== undefined) skip(refusal);
    const round = await cut(configuration);
    expect(Math.min(round.queued, round.accepted)).toBeGreaterThan(0);
    expect(round).toMatchObject({
      queuedLost: 0,
      acceptedLost: 0,
      moved: 0,
      doubled: 0,
      undecided: 0,
      notes: [],
    });
  },
);

test.for(careless)(
  "a power cut is seen to lose acknowledged bids where syncs are put off: $name",
  async (configuration, { skip }) => {
    if (refusal !== undefined) skip(refusal);
    const lost = { queued: 0, accepted: 0 };
    for (
      let tries = 0;
      tries < MOST_CUTS_OF_A_CONTROL && Math.min(lost.queued, lost.accepted) === 0;
      tries++
    ) {
      const { queuedLost, acceptedLost } = await cut(configuration);
      lost.queued += queuedLost;
      lost.accepted += acceptedLost;
    }
    expect(lost.queued).toBeGreaterThan(0);
    expect(lost.accepted).toBeGreaterThan(0);
  },
);
