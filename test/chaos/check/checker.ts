import { readdir } from "node:fs/promises";
import { DEFAULT_SLOTS, slotOf } from "../../../shared/slots.ts";
import type { ToldCommand } from "../told.ts";
import { type AuctionCheck, checkAuction, type Looked } from "./check-auction.ts";
import { FAULT_WORDS, type FaultWord, type Finding } from "./evidence.ts";
import { type LogArchive, openLogArchive } from "./log-archive.ts";
import { openShardArchive, type ShardArchive, type SlotState } from "./shard-archive.ts";
import { readTold } from "./told-archive.ts";

/** Findings that are kept with their words; the others are only counted. */
const MAX_KEPT = 200;

export interface CheckAddresses {
  readonly nats: string;
  readonly shards: readonly string[];
  /** Where the load wrote what it was told. */
  readonly folder: string;
}

export interface CheckTotals {
  readonly counts: Record<FaultWord, number>;
  readonly findings: Finding[];
  auctions: number;
  closed: number;
  drops: number;
  messages: number;
  bids: number;
  retries: number;
  told: number;
  unanswered: number;
  queuedAfterAll: number;
  frames: number;
  snapshots: number;
}

/** The independent checker: reads the streams, the shards and what clients were told, and nothing else. */
export interface Checker {
  /** One auction, for the live figures of a run; throws while a server is away. */
  check(auctionId: string): Promise<AuctionCheck>;
  /** Every auction of the log, the shards and the clients; `onTold` gets to see each one's commands. */
  checkAll(
    onTold: (told: readonly ToldCommand[]) => void,
    onProgress: (done: number, all: number) => void,
  ): Promise<CheckTotals>;
  close(): Promise<void>;
}

export async function openChecker({ nats, shards, folder }: CheckAddresses): Promise<Checker> {
  const log = await openLogArchive(nats);
  const shardArchive = openShardArchive(shards);
  const archives = { log, shards: shardArchive, folder };
  return {
    async check(auctionId) {
      return (await look(archives, auctionId, await shardArchive.slots())).check;
    },
    async checkAll(onTold, onProgress) {
      const totals = newTotals();
      const slots = await shardArchive.slots();
      for (const { slot, haltedReason } of slots.values())
        if (haltedReason !== null)
          note(totals, { word: "lost", auctionId: "", what: `slot ${slot} is halted: ${haltedReason}` });
      const ids = await allIds(archives);
      for (const [done, auctionId] of ids.entries()) {
        const { check, told } = await look(archives, auctionId, slots);
        add(totals, check);
        onTold(told);
        onProgress(done + 1, ids.length);
      }
      return totals;
    },
    close: () => Promise.all([log.close(), shardArchive.close()]).then(() => {}),
  };
}

interface Archives {
  readonly log: LogArchive;
  readonly shards: ShardArchive;
  readonly folder: string;
}

async function allIds({ log, shards, folder }: Archives): Promise<string[]> {
  const files = await readdir(folder);
  const told = files.filter((file) => file.endsWith(".told.ndjson")).map((file) => file.split(".")[0] ?? "");
  return [...new Set([...(await log.auctionIds()), ...(await shards.auctionIds()), ...told])].sort();
}

/** What was told is read first, then how far the shards are, then the log: each later one covers the one before. */
async function look(
  { log, shards, folder }: Archives,
  auctionId: string,
  slots: ReadonlyMap<number, SlotState>,
): Promise<{ check: AuctionCheck; told: readonly ToldCommand[] }> {
  const said = await readTold(folder, auctionId);
  const stored = await shards.of(auctionId);
  const messages = await log.messagesOf(auctionId);
  const state = slots.get(slotOf(auctionId, DEFAULT_SLOTS));
  // Between the reading of the position and of the rows a running core may have gone on.
  const newest = stored.envelopes.at(-1)?.seq ?? 0;
  const appliedSeq = Math.max(state?.appliedSeq ?? 0, newest);
  const parkedSeqs = state?.parkedSeqs ?? new Set<number>();
  return {
    check: checkAuction({ auctionId, messages, appliedSeq, parkedSeqs, ...stored, ...said }),
    told: said.told,
  };
}

export function newTotals(): CheckTotals {
  const counts = Object.fromEntries(FAULT_WORDS.map((word) => [word, 0])) as Record<FaultWord, number>;
  const zero = {
    messages: 0,
    bids: 0,
    retries: 0,
    told: 0,
    unanswered: 0,
    queuedAfterAll: 0,
    frames: 0,
    snapshots: 0,
  };
  return { counts, findings: [], auctions: 0, closed: 0, drops: 0, ...zero };
}

function note(totals: CheckTotals, finding: Finding): void {
  totals.counts[finding.word]++;
  if (totals.findings.length < MAX_KEPT) totals.findings.push(finding);
}

function add(totals: CheckTotals, { findings, looked }: AuctionCheck): void {
  for (const finding of findings) note(totals, finding);
  totals.auctions++;
  if (looked.isClosed) totals.closed++;
  if (looked.isDrop) totals.drops++;
  for (const figure of SUMMED) totals[figure] += looked[figure];
}

const SUMMED = [
  "messages",
  "bids",
  "retries",
  "told",
  "unanswered",
  "queuedAfterAll",
  "frames",
  "snapshots",
] as const satisfies readonly (keyof Looked)[];
