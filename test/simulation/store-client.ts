import type { Store } from "../../core/shards/store.ts";
import type { Database, Statements } from "./database.ts";
import { request, type Server } from "./network.ts";
import type { Process } from "./process.ts";
import type { World } from "./world.ts";

export interface StoreDeps {
  readonly world: World;
  readonly process: Process;
  readonly database: Database;
  readonly server: Server;
  /** Told of each commit on its way: before it is sent and at the moment in which it is done. */
  readonly onCommit: (process: Process, at: "sent" | "done") => void;
}

/** A shard as one process sees it: each operation a request that takes time, and may be lost on the way there or back. */
export function createStoreClient(deps: StoreDeps, statements: Statements = deps.database.statements): Store {
  const { world, process, database, server, onCommit } = deps;
  const ask = <T>(work: () => T): Promise<T> => request(world, { from: process, to: server }, work);
  return {
    number: database.number,
    claimSlots: (wanted) => ask(() => statements.claimSlots(wanted)),
    heartbeat: (beat) => ask(() => statements.heartbeat(beat)),
    releaseSlots: (held) => ask(() => statements.releaseSlots(held)),
    leaveShard: (instanceId) => ask(() => statements.leaveShard(instanceId)),
    haltSlot: (slot) => ask(() => statements.haltSlot(slot)),
    commitBatch(commit) {
      onCommit(process, "sent");
      return ask(() => {
        const answer = statements.commitBatch(commit);
        onCommit(process, "done");
        return answer;
      });
    },
    probeCommit: (commit) => ask(() => statements.probeCommit(commit)),
    hasCommitted: (move) => ask(() => statements.hasCommitted(move)),
    loadAuctions: (auctionIds) => ask(() => statements.loadAuctions(auctionIds)),
    loadKeys: (auctionIds, page) => ask(() => statements.loadKeys(auctionIds, page)),
    loadDecisions: (wanted) => ask(() => statements.loadDecisions(wanted)),
    unpublished: (slot, range) => ask(() => statements.unpublished(slot, range)),
    dueAuctions: (slots, nowMs) => ask(() => statements.dueAuctions(slots, nowMs)),
    waitingEvents: (slots, limit) => ask(() => statements.waitingEvents(slots, limit)),
    forgetEvents: (eventIds) => ask(() => statements.forgetEvents(eventIds)),
  };
}
