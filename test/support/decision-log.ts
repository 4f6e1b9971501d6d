import type { Auction } from "../../core/auction/auction.ts";
import { identify } from "../../core/auction/identity.ts";
import { changedRows, noChangedRows } from "../../core/auction/changed-rows.ts";
import { type AuctionRow, commitBatch, type LogRow } from "../../core/shards/commit.ts";
import type { Shard } from "../../core/shards/connect.ts";
import { monthOf } from "../../core/shards/partitions.ts";
import { type Command, commandSchema } from "../../shared/commands.ts";
import { slotOf } from "../../shared/slots.ts";
import { type Appended, type AuctionLog, auctionLog } from "./auction-log.ts";
import { AUCTION_ID } from "./builders.ts";

/** One auction's log whose decisions are in a shard, as a sequencer would have committed them. */
export interface StoredLog {
  readonly auctionId: string;
  /** Decides one envelope and commits it. */
  append(commands: readonly unknown[], atMs: number): Promise<Appended>;
  auction(): Auction;
  history(): readonly Appended[];
}

export interface StoredLogOptions {
  readonly slots: number;
  readonly auctionId?: string;
}

/** Rows go through the committer's own statement, with no slot position to move: many logs may share a slot. */
export function storedLog(shard: Shard, { slots, auctionId = AUCTION_ID }: StoredLogOptions): StoredLog {
  const log: AuctionLog = auctionLog({ auctionId });
  const slot = slotOf(auctionId, slots);
  return {
    auctionId,
    history: log.history,
    auction() {
      const auction = log.auction();
      if (auction === null) throw new Error(`auction ${auctionId} has not been created yet`);
      return auction;
    },
    async append(commands, atMs) {
      const appended = log.append(commands, atMs);
      const auction = log.auction();
      const { position, decision, record, chain } = appended;
      const common = { slot, seq: position.seq, atMs, chain };
      const row: LogRow = {
        ...common,
        auctionId,
        month: monthOf(auction?.createdAtMs ?? atMs),
        fromVersion: decision.fromVersion,
        toVersion: decision.toVersion,
        envelopeId: `envelope-${position.seq}`,
        origin: "gateway-of-the-tests",
        fingerprints: fingerprints(auctionId, commands, appended),
        record,
      };
      const changed = changedRows(decision.entries, auction) ?? noChangedRows();
      const auctions: AuctionRow[] = auction === null ? [] : [{ ...common, auction, changed }];
      const commit = { leaseMs: 0, moves: [], log: [row], auctions, outbox: [], deadLetters: [] };
      const { fenced } = await commitBatch(shard, commit);
      if (fenced.length > 0) throw new Error("a commit that moves no slot was fenced");
      return appended;
    },
  };
}

/** Of the keys that the envelope took: neither of a retry nor of another body under a taken key. */
function fingerprints(auctionId: string, commands: readonly unknown[], { decision }: Appended): string {
  return decision.entries
    .map((entry, index) => {
      const command = readCommand(commands[index]);
      if (command === undefined || entry.outcome === "duplicate" || entry.reason === "idempotency_key_reused")
        return "";
      return identify(auctionId, command)?.fingerprint.toString(16).padStart(12, "0") ?? "";
    })
    .join("");
}

function readCommand(command: unknown): Command | undefined {
  const read = commandSchema.safeParse(command);
  return read.success ? read.data : undefined;
}
