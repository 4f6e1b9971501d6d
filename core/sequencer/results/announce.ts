import { type Auction, type AuctionState, stateOf } from "../../auction/auction.ts";
import { renderResultText } from "../../auction/wire-text.ts";
import type { Clock } from "../../clock.ts";
import type { Log } from "../../log.ts";
import type { CoreMetrics, Telemetry } from "../../telemetry.ts";
import type { CatchUp } from "./catch-up.ts";
import type { SlotBatch } from "../committer.ts";
import type { Publisher } from "./publisher.ts";
import type { DecidedEnvelope } from "../slot-book.ts";
import type { SlotSequencer } from "../slot-sequencer.ts";

export interface AnnounceDeps {
  readonly publisher: Publisher;
  readonly catchUp: CatchUp;
  readonly clock: Clock;
  readonly metrics: CoreMetrics;
  readonly recordSpan: Telemetry["recordSpan"];
  readonly log: Log;
  /** The newest committed state of an auction that the batch touched. */
  readonly project: (auction: AuctionState) => void;
  /** Order events were committed with the batch. */
  readonly wakeDispatcher: () => void;
}

/** Tells the world of a committed batch: a result per envelope, the read model, figures and spans. Waits for nothing. */
export function announce(deps: AnnounceDeps, slot: SlotSequencer, batch: SlotBatch): void {
  const nowMs = deps.clock.now();
  const newest = new Map<string, Auction>();
  for (const envelope of batch.decided) {
    const { auctionId, atMs, chain, decision, message } = envelope;
    const { origin, envelopeId } = message.envelope;
    const position = { seq: message.seq, atMs };
    const text = renderResultText(decision, { auctionId, position, chain, origin, envelopeId });
    deps.publisher.publish(slot.slot, { auctionId, seq: message.seq, text });
    if (decision.auction !== null && decision.toVersion > decision.fromVersion)
      newest.set(auctionId, decision.auction);
    for (const traceparent of message.envelope.traces) trace(deps, envelope, traceparent, nowMs);
  }
  for (const auction of newest.values()) deps.project(stateOf(auction));
  if (batch.decided.some(({ orderEvents }) => orderEvents.length > 0)) deps.wakeDispatcher();
  count(deps.metrics, slot, batch, nowMs);
  deps.publisher.flush().then(
    () => {
      if (!deps.catchUp.isBehind(slot)) slot.publishedSeq = batch.move.appliedSeq;
    },
    (error: unknown) => {
      deps.log.warn("results may not have left; they are published again", { slot: slot.slot, error });
      deps.catchUp.start(slot);
    },
  );
}

/** One trace from the request to the result: the wait in the log, the commit, and the result. */
function trace(
  deps: AnnounceDeps,
  envelope: DecidedEnvelope,
  traceparent: string,
  committedMs: number,
): void {
  const { auctionId, message } = envelope;
  const attributes = { "lastcall.auction_id": auctionId, "lastcall.seq": message.seq };
  const commit = deps.recordSpan("sequence and commit", {
    traceparent,
    startMs: message.atMs,
    endMs: committedMs,
    attributes,
  });
  deps.recordSpan("publish result", {
    traceparent: commit,
    startMs: committedMs,
    endMs: deps.clock.now(),
    attributes,
  });
}

function count(metrics: CoreMetrics, slot: SlotSequencer, batch: SlotBatch, nowMs: number): void {
  const kinds = new Map<string, Map<string, number>>();
  for (const { decision } of batch.decided) {
    for (const { kind, outcome } of decision.entries) {
      let outcomes = kinds.get(kind);
      if (outcomes === undefined) kinds.set(kind, (outcomes = new Map()));
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
  }
  for (const [kind, outcomes] of kinds) {
    for (const [outcome, commands] of outcomes) metrics.decidedCommands.add(commands, { kind, outcome });
  }
  metrics.committedEnvelopes.add(batch.decided.length, { shard: slot.store.number });
  if (batch.deadLetters.length > 0) metrics.deadLetters.add(batch.deadLetters.length);
  const oldest = batch.decided[0]?.message.atMs;
  if (oldest !== undefined) metrics.logToCommit.record(Math.max(0, nowMs - oldest) / 1_000);
}
