import type { CommandLog } from "../../core/sequencer/log/command-log.ts";
import type { Database, Statements } from "./database.ts";
import type { Process } from "./process.ts";

/** A bug that the checks must find: what it does to the ports of a core. */
export interface PlantedBug {
  readonly name: string;
  /** The invariant that it breaks. */
  readonly breaks: string;
  statements(database: Database): Statements;
  log(log: CommandLog, process: Process): CommandLog;
}

const planted = (
  name: string,
  breaks: string,
  changes: {
    statements?: (statements: Statements, database: Database) => Partial<Statements>;
    log?: (log: CommandLog, process: Process) => Partial<CommandLog>;
  },
): PlantedBug => ({
  name,
  breaks,
  statements: (database) => ({
    ...database.statements,
    ...changes.statements?.(database.statements, database),
  }),
  log: (log, process) => ({ ...log, ...changes.log?.(log, process) }),
});

export const NO_BUG: PlantedBug = planted("none", "", {});

/** One for each way in which such systems are usually wrong. */
export const PLANTED_BUGS: readonly PlantedBug[] = [
  planted("a reader that takes over begins one message too late", "I1", {
    log: (log) => ({
      consume: (stream, { afterSeq, ...from }) =>
        log.consume(stream, { ...from, afterSeq: afterSeq === 0 ? 0 : afterSeq + 1 }),
    }),
  }),
  planted("the machine's clock decides instead of the log's", "I2", {
    log: (log, { clock }) => ({
      async consume(stream, from) {
        const feed = await log.consume(stream, from);
        return {
          ...feed,
          messages: (async function* () {
            for await (const message of feed.messages) yield { ...message, atMs: clock.now() };
          })(),
        };
      },
    }),
  }),
  planted("bidders are stored with the units that they had before", "I5", {
    statements: ({ commitBatch }) => ({
      commitBatch: (commit) =>
        commitBatch({
          ...commit,
          auctions: commit.auctions.map((row) => ({
            ...row,
            changed: {
              ...row.changed,
              bidders: new Map([...row.changed.bidders].map(([id, bidder]) => [id, { ...bidder, units: 0 }])),
            },
          })),
        }),
    }),
  }),
  planted("a commit does not look whether the position is still its own", "I7", {
    statements: ({ commitBatch }, { slots }) => ({
      commitBatch: (commit) =>
        commitBatch({
          ...commit,
          moves: commit.moves.map((move) => {
            const row = slots.get(move.slot);
            return { ...move, epoch: row?.epoch ?? 0, expectedSeq: row?.appliedSeq ?? 0 };
          }),
        }),
    }),
  }),
  planted("keys are forgotten when an auction leaves memory", "I9", {
    statements: ({ loadAuctions }) => ({
      loadAuctions: (ids) => loadAuctions(ids).map((stored) => ({ ...stored, keys: [], keysGoOn: false })),
    }),
  }),
  planted("a log that went backwards is read on", "I13", {
    log: (log) => ({
      bounds: async (stream) => ({
        ...(await log.bounds(stream)),
        streamId: "",
        lastSeq: Number.MAX_SAFE_INTEGER,
      }),
      message: () => Promise.resolve(null),
    }),
  }),
];
