import type { Shard } from "../../../core/shards/connect.ts";
import { slotOf } from "../../../shared/slots.ts";
import type { AuctionLogs } from "./auction-log.ts";
import { activeSlots, auctionsOf, slotCount } from "./auctions-of.ts";
import { type Verdict, verifyAuction } from "./verify-auction.ts";

export interface Summary {
  readonly auctions: number;
  readonly envelopes: number;
  readonly commands: number;
  readonly notInLog: number;
  readonly seconds: number;
  readonly different: readonly Verdict[];
}

export interface ClusterOptions {
  /** Only this one. */
  readonly auctionId: string | undefined;
  readonly logs: AuctionLogs | undefined;
  readonly differs: (verdict: Verdict) => void;
  readonly progress: (line: string) => void;
}

/** Auctions at work at once: while one is decided, the next ones are read. Each is held in memory by itself. */
const AT_WORK = 4;
const PROGRESS_EVERY_MS = 5_000;
/** Named in full; a cluster of which more is wrong needs no longer list. */
const MAX_LISTED = 1_000;

/** Verifies all auctions of all shards, or one. Throws when that one is nowhere. */
export async function verifyCluster(shards: readonly Shard[], options: ClusterOptions): Promise<Summary> {
  const startMs = performance.now();
  const total = { auctions: 0, envelopes: 0, commands: 0, notInLog: 0 };
  const different: Verdict[] = [];
  let toldMs = startMs;
  const add = (verdict: Verdict): void => {
    total.auctions++;
    total.envelopes += verdict.envelopes;
    total.commands += verdict.commands;
    total.notInLog += verdict.notInLog;
    if (verdict.difference !== undefined && different.length < MAX_LISTED) {
      different.push(verdict);
      options.differs(verdict);
    }
    const nowMs = performance.now();
    if (nowMs - toldMs < PROGRESS_EVERY_MS) return;
    toldMs = nowMs;
    options.progress(
      `${total.auctions} auctions, ${total.commands} commands so far, ${different.length} differ`,
    );
  };
  for (const shard of shards) await verifyShard(shard, { ...options, add });
  if (options.auctionId !== undefined && total.auctions === 0)
    throw new Error(`there is no auction ${options.auctionId} on any shard`);
  return { ...total, seconds: (performance.now() - startMs) / 1_000, different };
}

async function verifyShard(
  shard: Shard,
  { auctionId, logs, add }: ClusterOptions & { add: (verdict: Verdict) => void },
): Promise<void> {
  const [slots, active] = await Promise.all([slotCount(shard), activeSlots(shard)]);
  const ids = auctionId === undefined ? auctionsOf(shard) : named(shard, auctionId);
  const work = async (): Promise<void> => {
    for (;;) {
      const { value: id, done } = await ids.next();
      if (done === true) return;
      if (!active.has(slotOf(id, slots))) continue;
      const log = logs && ((state: Parameters<AuctionLogs>[1]) => logs(id, state));
      add(await verifyAuction(shard, id, { slots, log }));
    }
  };
  await Promise.all(Array.from({ length: AT_WORK }, work));
}

async function* named({ sql }: Shard, auctionId: string): AsyncGenerator<string> {
  const rows = await sql`
    select 1 where exists (select from auctions where auction_id = ${auctionId})
      or exists (select from decision_log where auction_id = ${auctionId})`;
  if (rows.length > 0) yield auctionId;
}
