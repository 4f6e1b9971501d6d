import { mergeRows, noChangedRows } from "../auction/changed-rows.ts";
import type { AuctionRow, Commit, DeadLetterRow, LogRow, OutboxRow } from "../shards/commit.ts";
import { monthOf } from "../shards/partitions.ts";
import type { SlotBatch } from "./committer.ts";
import type { DecidedEnvelope } from "./slot-book.ts";

/** Of an envelope whose own id or origin Postgres refuses. */
const BARE = { envelopeId: "", origin: "" };

/** One commit of what several slots have decided, a batch each. */
export function toCommit(leaseMs: number, batches: readonly SlotBatch[]): Commit {
  const log: LogRow[] = [];
  const auctions = new Map<string, AuctionRow>();
  const outbox: OutboxRow[] = [];
  const deadLetters: DeadLetterRow[] = [];
  for (const { move, decided, deadLetters: parked } of batches) {
    for (const envelope of decided) {
      log.push(logRow(move.slot, envelope));
      const { auction } = envelope.decision;
      if (auction === null) continue;
      const { auctionId, atMs, chain } = envelope;
      const { seq } = envelope.message;
      const { slot } = move;
      const changed = auctions.get(auctionId)?.changed ?? noChangedRows();
      mergeRows(changed, envelope.changed);
      auctions.set(auctionId, { auction, changed, slot, seq, atMs, chain });
      for (const [place, event] of envelope.orderEvents.entries()) outbox.push({ slot, seq, place, event });
    }
    deadLetters.push(...parked);
  }
  return {
    leaseMs,
    moves: batches.map((batch) => batch.move),
    log,
    auctions: [...auctions.values()],
    outbox,
    deadLetters,
  };
}

function logRow(slot: number, envelope: DecidedEnvelope): LogRow {
  const { message, auctionId, atMs, decision, refusal, record, fingerprints, chain } = envelope;
  const { fromVersion, toVersion, auction } = decision;
  const { envelopeId, origin } = refusal?.bare === true ? BARE : message.envelope;
  const month = monthOf(auction?.createdAtMs ?? atMs);
  const { seq } = message;
  return {
    month,
    slot,
    auctionId,
    seq,
    atMs,
    fromVersion,
    toVersion,
    envelopeId,
    origin,
    fingerprints,
    record,
    chain,
  };
}
