import { type Claim, type ClaimRequest, claimSlots } from "./claim-slots.ts";
import { type Commit, commitBatch, hasCommitted, probeCommit, type PositionMove } from "./commit.ts";
import type { Shard } from "./connect.ts";
import { type DueAuction, dueAuctions } from "./due-auctions.ts";
import { haltSlot } from "./halt-slot.ts";
import { type Beat, heartbeat, type Pulse } from "./heartbeat.ts";
import { loadAuctions, type StoredAuction } from "./load-auctions.ts";
import { loadDecisions, type StoredDecisions, type WantedDecisions } from "./load-decisions.ts";
import { type KeyPage, loadKeys, type TakenKeys } from "./load-keys.ts";
import { forgetEvents, type WaitingEvent, waitingEvents } from "./outbox.ts";
import { type HeldSlot, leaveShard, releaseSlots } from "./release-slots.ts";
import { type UnpublishedEnvelope, unpublished } from "./unpublished.ts";

/**
 * One shard as the sequencer needs it; each operation is its own file beside this one, which says what it does and when it
 * throws. An interface, so that a simulation can stand in for Postgres.
 */
export interface Store {
  /** Its place in the configured list; names it in logs and metrics. */
  readonly number: number;
  claimSlots(request: ClaimRequest): Promise<Claim[]>;
  heartbeat(beat: Beat): Promise<Pulse>;
  releaseSlots(held: readonly HeldSlot[]): Promise<void>;
  leaveShard(instanceId: string): Promise<void>;
  haltSlot(slot: { slot: number; epoch: number; reason: string }): Promise<void>;
  commitBatch(commit: Commit): Promise<{ fenced: number[] }>;
  probeCommit(commit: Commit): Promise<{ fenced: number[] }>;
  hasCommitted(move: Pick<PositionMove, "slot" | "epoch" | "appliedSeq">): Promise<boolean>;
  loadAuctions(auctionIds: readonly string[]): Promise<StoredAuction[]>;
  loadKeys(auctionIds: readonly string[], page: KeyPage): Promise<ReadonlyMap<string, TakenKeys>>;
  loadDecisions(wanted: readonly WantedDecisions[]): Promise<StoredDecisions[]>;
  unpublished(slot: number, range: { afterSeq: number; limit: number }): Promise<UnpublishedEnvelope[]>;
  dueAuctions(slots: readonly number[], nowMs: number): Promise<DueAuction[]>;
  waitingEvents(slots: readonly number[], limit: number): Promise<WaitingEvent[]>;
  forgetEvents(eventIds: readonly string[]): Promise<void>;
}

/** The shard in Postgres. */
export function createStore(shard: Shard): Store {
  return {
    number: shard.number,
    claimSlots: (request) => claimSlots(shard, request),
    heartbeat: (beat) => heartbeat(shard, beat),
    releaseSlots: (held) => releaseSlots(shard, held),
    leaveShard: (instanceId) => leaveShard(shard, instanceId),
    haltSlot: (slot) => haltSlot(shard, slot),
    commitBatch: (commit) => commitBatch(shard, commit),
    probeCommit: (commit) => probeCommit(shard, commit),
    hasCommitted: (move) => hasCommitted(shard, move),
    loadAuctions: (auctionIds) => loadAuctions(shard, auctionIds),
    loadKeys: (auctionIds, page) => loadKeys(shard, auctionIds, page),
    loadDecisions: (wanted) => loadDecisions(shard, wanted),
    unpublished: (slot, range) => unpublished(shard, slot, range),
    dueAuctions: (slots, nowMs) => dueAuctions(shard, slots, nowMs),
    waitingEvents: (slots, limit) => waitingEvents(shard, slots, limit),
    forgetEvents: (eventIds) => forgetEvents(shard, eventIds),
  };
}
