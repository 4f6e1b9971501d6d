import {
  beginReplay,
  type Replay,
  type ReplayedEnvelope,
  replayCommands,
  replayEntries,
} from "../../../core/auction/replay.ts";
import { decodeEntries } from "../../../core/auction/record-codec.ts";
import { readEnvelope } from "../../../core/sequencer/log/read-envelope.ts";
import type { Shard } from "../../../core/shards/connect.ts";
import { compareEnvelope } from "./compare-envelope.ts";
import { compareState } from "./compare-state.ts";
import { type Difference, differenceInWords } from "./difference.ts";
import type { AuctionLog, LoggedEnvelope } from "./auction-log.ts";
import { readEnvelopes, readState, type StoredEnvelope, type StoredState } from "./stored-auction.ts";

export interface Verdict {
  readonly auctionId: string;
  readonly shard: number;
  readonly envelopes: number;
  readonly commands: number;
  readonly difference: Difference | undefined;
  /** Envelopes that the log does not have any more, so that their stored commands had to be taken for the log's. */
  readonly notInLog: number;
}

export interface VerifyOptions {
  readonly slots: number;
  /** The auction's own log; without one, the commands are those of the stored decisions. */
  readonly log?: ((state: StoredState) => Promise<AuctionLog>) | undefined;
}

/** Decides an auction's log again and compares everything that is stored of it. The first difference ends it. */
export async function verifyAuction(
  shard: Shard,
  auctionId: string,
  options: VerifyOptions,
): Promise<Verdict> {
  const stored = await readState(shard, auctionId, options.slots);
  const log = await options.log?.(stored);
  const replay = beginReplay(auctionId);
  const counts = { envelopes: 0, commands: 0, notInLog: 0 };
  const verdict = (difference: Difference | undefined): Verdict => ({
    auctionId,
    shard: shard.number,
    difference,
    ...counts,
  });
  let newest = { seq: 0, atMs: 0, chain: "" };
  try {
    for await (const row of readEnvelopes(shard, auctionId, stored.newestSeq)) {
      const difference = await verifyEnvelope({ replay, stored, log, counts }, row, newest.atMs);
      if (difference !== undefined) return verdict(difference);
      newest = { seq: row.seq, atMs: row.atMs, chain: row.chain };
    }
    const undecided = await log?.nextUpTo(stored.appliedSeq);
    if (undecided !== undefined) return verdict(neverDecided(undecided.seq));
    return verdict(compareState(replay.auction, newest, stored));
  } finally {
    await log?.close();
  }
}

interface Course {
  readonly replay: Replay;
  readonly stored: StoredState;
  readonly log: AuctionLog | undefined;
  readonly counts: { envelopes: number; commands: number; notInLog: number };
}

async function verifyEnvelope(
  { replay, stored, log, counts }: Course,
  row: StoredEnvelope,
  afterMs: number,
): Promise<Difference | undefined> {
  if (row.atMs < afterMs)
    return {
      table: "decision_log",
      row: `seq ${row.seq}`,
      column: "at",
      expected: `at least ${afterMs}`,
      found: `${row.atMs}`,
    };
  const skipped = await log?.nextUpTo(row.seq - 1);
  if (skipped !== undefined) return neverDecided(skipped.seq);
  const logged = await log?.nextUpTo(row.seq);
  if (log !== undefined && logged === undefined) {
    if (log.mustHave(row.seq))
      return {
        table: "log",
        row: `seq ${row.seq}`,
        column: "the message",
        expected: "there",
        found: "missing",
      };
    counts.notInLog++;
  }
  let again: ReplayedEnvelope;
  try {
    again = decideAgain(replay, row, { logged, afterMs });
  } catch (error) {
    // A record that is none of ours, or a log that no rules lead to.
    const found = error instanceof SyntaxError ? "no JSON" : "what the rules cannot go on from";
    return { table: "decision_log", row: `seq ${row.seq}`, column: "record", expected: "decisions", found };
  }
  counts.envelopes++;
  counts.commands += again.decision.entries.length;
  return compareEnvelope(replay.auctionId, row, { ...again, slot: stored.slot });
}

function decideAgain(
  replay: Replay,
  row: StoredEnvelope,
  { logged, afterMs }: { logged: LoggedEnvelope | undefined; afterMs: number },
): ReplayedEnvelope {
  const entries = decodeEntries(replay.auctionId, row.record);
  if (logged === undefined) return replayEntries(replay, { seq: row.seq, atMs: row.atMs }, entries);
  const atMs = Math.max(logged.atMs, afterMs);
  const { commands } = readEnvelope(replay.auctionId, logged.data);
  // Bodies that Postgres refused are in the log and not in the record; that they were refused is not the log's to say.
  const refused = new Set(
    entries.flatMap(({ actorId, body }, index) =>
      actorId !== undefined && body === undefined ? [index] : [],
    ),
  );
  return replayCommands(replay, { seq: row.seq, atMs }, { commands, refused });
}

const neverDecided = (seq: number): Difference => ({
  table: "decision_log",
  row: `seq ${seq}`,
  column: "the row",
  expected: "there, because the log has a message",
  found: "missing",
});

export const verdictInWords = ({ auctionId, shard, difference, commands, notInLog }: Verdict): string => {
  const purged = notInLog === 0 ? "" : `, ${notInLog} of its envelopes are not in the log any more`;
  const what =
    difference === undefined ? `right, ${commands} commands${purged}` : differenceInWords(difference);
  return `${auctionId} on shard ${shard}: ${what}`;
};
