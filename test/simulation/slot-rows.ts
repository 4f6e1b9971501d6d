import type { Claim, ClaimRequest } from "../../core/shards/claim-slots.ts";
import type { Beat, Pulse } from "../../core/shards/heartbeat.ts";
import type { HeldSlot } from "../../core/shards/release-slots.ts";

/** A row of `slots`. */
export interface SlotRow {
  readonly slot: number;
  epoch: number;
  owner: string | null;
  leaseUntilMs: number | null;
  appliedSeq: number;
  appliedAt: number;
  appliedId: string;
  streamId: string;
  publishedSeq: number;
  haltedReason: string | null;
}

/** What cores do to slots and their leases, by the shard's clock. */
export interface SlotStatements {
  claimSlots(request: ClaimRequest): Claim[];
  heartbeat(beat: Beat): Pulse;
  releaseSlots(held: readonly HeldSlot[]): void;
  leaveShard(instanceId: string): void;
  haltSlot(halted: { slot: number; epoch: number; reason: string }): void;
}

export const newSlotRow = (slot: number): SlotRow => ({
  slot,
  epoch: 0,
  owner: null,
  leaseUntilMs: null,
  appliedSeq: 0,
  appliedAt: 0,
  appliedId: "",
  streamId: "",
  publishedSeq: 0,
  haltedReason: null,
});

export function slotStatements(slots: ReadonlyMap<number, SlotRow>, now: () => number): SlotStatements {
  const leases = new Map<string, number>();
  const isFree = (row: SlotRow, instanceId: string): boolean =>
    row.owner === null || row.owner === instanceId || row.leaseUntilMs === null || row.leaseUntilMs < now();
  const usable = (): SlotRow[] => [...slots.values()].filter((row) => row.haltedReason === null);
  return {
    claimSlots({ instanceId, limit, leaseMs, held }) {
      const free = usable().filter((row) => !held.includes(row.slot) && isFree(row, instanceId));
      return free.slice(0, limit).map((row) => {
        row.owner = instanceId;
        row.epoch++;
        row.leaseUntilMs = now() + leaseMs;
        const { slot, epoch, appliedSeq, appliedAt, appliedId, streamId, publishedSeq } = row;
        return { slot, epoch, appliedSeq, appliedAt, appliedId, streamId, publishedSeq, seqBase: 0 };
      });
    },
    heartbeat({ instanceId, leaseMs, held }) {
      leases.set(instanceId, now() + leaseMs);
      const renewed = new Set<number>();
      for (const { slot, epoch, publishedSeq } of held) {
        const row = slots.get(slot);
        if (row?.epoch !== epoch || row.owner !== instanceId) continue;
        row.leaseUntilMs = now() + leaseMs;
        row.publishedSeq = Math.max(row.publishedSeq, publishedSeq);
        renewed.add(slot);
      }
      const others = [...leases].filter(([id, until]) => id !== instanceId && until >= now());
      const halted = new Map<number, string>();
      for (const { slot, haltedReason } of slots.values())
        if (haltedReason !== null) halted.set(slot, haltedReason);
      return { instances: others.length + 1, activeSlots: usable().length, renewed, halted };
    },
    releaseSlots(held) {
      for (const { slot, epoch, publishedSeq } of held) {
        const row = slots.get(slot);
        if (row?.epoch !== epoch) continue;
        row.owner = null;
        row.leaseUntilMs = null;
        row.publishedSeq = Math.max(row.publishedSeq, publishedSeq);
      }
    },
    leaveShard: (instanceId) => void leases.delete(instanceId),
    haltSlot({ slot, epoch, reason }) {
      const row = slots.get(slot);
      if (row?.epoch !== epoch) return;
      row.haltedReason = reason;
      row.owner = null;
      row.leaseUntilMs = null;
    },
  };
}
