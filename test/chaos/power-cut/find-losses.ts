import type { LedgerBid } from "../../support/ledger.ts";
import type { LoggedMessage } from "../../support/replay.ts";
import type { Accepted, Promises, Queued } from "./load.ts";

/** How promises compare with what is on the disks. Each figure counts bids. */
export interface Losses {
  readonly queued: number;
  /** Acknowledged by the stream, and not in it. */
  readonly queuedLost: number;
  readonly accepted: number;
  /** Told to be accepted, and not in Postgres. */
  readonly acceptedLost: number;
  /** In the log, or in Postgres, at another place than was said. */
  readonly moved: number;
  /** More than once in the log, or in Postgres. */
  readonly doubled: number;
}

/** Compares every promise with the log and the ledger as they are found after the cut (I1). */
export function findLosses(
  promises: Promises,
  found: { readonly log: readonly LoggedMessage[]; readonly bids: readonly LedgerBid[] },
): Losses {
  const log = new Map<string, number[]>();
  for (const { data, seq } of found.log) add(log, idIn(data), seq);
  const ledger = new Map<string, LedgerBid[]>();
  for (const bid of found.bids) add(ledger, `${bid.auctionId} ${bid.key}`, bid);

  const bidsOf = (envelopes: readonly Queued[]): number =>
    envelopes.reduce((sum, { keys }) => sum + keys.length, 0);
  const seqsOf = ({ envelopeId }: Queued): number[] => log.get(envelopeId) ?? [];
  const rowsOf = ({ auctionId, key }: Accepted): LedgerBid[] => ledger.get(`${auctionId} ${key}`) ?? [];
  const { queued, accepted } = promises;
  const logMoved = queued.filter((one) => seqsOf(one).some((seq) => seq !== one.seq));
  const ledgerMoved = accepted.filter((one) => rowsOf(one).some((row) => !isAsTold(one, row)));
  return {
    queued: bidsOf(queued),
    queuedLost: bidsOf(queued.filter((one) => seqsOf(one).length === 0)),
    accepted: accepted.length,
    acceptedLost: accepted.filter((one) => rowsOf(one).length === 0).length,
    moved: bidsOf(logMoved) + ledgerMoved.length,
    doubled: repeated(log) + repeated(ledger),
  };
}

/** Of bids that the log has acknowledged, those that were not decided exactly once, at their place in the log (I1, I2). */
export function findUndecided(queued: readonly Queued[], bids: readonly LedgerBid[]): string[] {
  const ledger = new Map<string, LedgerBid[]>();
  for (const bid of bids) add(ledger, `${bid.auctionId} ${bid.key}`, bid);
  return queued.flatMap(({ auctionId, seq, keys }) =>
    keys
      .filter((key, index) => {
        const rows = ledger.get(`${auctionId} ${key}`) ?? [];
        return !(rows.length === 1 && rows[0]?.seq === seq && rows[0].index === index);
      })
      .map((key) => `${auctionId} ${key}`),
  );
}

function isAsTold(told: Accepted, { seq, index, version, outcome }: LedgerBid): boolean {
  return outcome === "accepted" && told.seq === seq && told.index === index && told.version === version;
}

function add<T>(map: Map<string, T[]>, key: string, value: T): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else values.push(value);
}

const repeated = (map: ReadonlyMap<string, readonly unknown[]>): number =>
  [...map.values()].reduce((sum, values) => sum + values.length - 1, 0);

const decoder = new TextDecoder();
const idIn = (data: Uint8Array): string => (JSON.parse(decoder.decode(data)) as { id: string }).id;
