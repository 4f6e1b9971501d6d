import type { Result } from "../../shared/results.ts";
import { commandStream, streamOf } from "../../shared/subjects.ts";
import type { Asked, Crowd } from "./bidder.ts";
import type { Broker } from "./broker.ts";
import type { SimulatedCore } from "./core-instance.ts";
import type { Database } from "./database.ts";
import type { Gateway } from "./gateway.ts";
import type { Server } from "./network.ts";
import type { SlotRow } from "./slot-rows.ts";
import type { Lot } from "./workload.ts";
import type { World } from "./world.ts";

export const SLOTS = 8;
export const STREAMS = 2;
export const SHARDS = 2;

/** Everything of one run, as the faults act on it and the checks find it. */
export interface Simulation {
  readonly seed: number;
  readonly world: World;
  readonly broker: Broker;
  readonly shards: readonly SimulatedShard[];
  readonly cores: SimulatedCore[];
  readonly lots: readonly Lot[];
  readonly crowd: Crowd;
  /** Every result that the broker has taken, in its order. */
  readonly results: readonly Result[];
  readonly gateways: ReadonlyMap<string, Gateway>;
  /** What went backwards: the stream, how far, and where each of its slots stood in Postgres and in memory then. */
  readonly regressions: Regression[];
  /** The next commit of a process, at this point of it, kills the process. */
  crashAtCommit: { readonly at: "sent" | "done" } | undefined;
  /** Commands without an outcome, on slots that are in service. */
  unanswered(): Asked[];
  startCore(): void;
  replaceGateway(auctionId: string): void;
}

export interface SimulatedShard {
  readonly database: Database;
  readonly server: Server;
  /** How far its clock, which judges leases, is ahead of the world's. */
  skewMs: number;
}

export interface Regression {
  readonly stream: string;
  readonly keep: number;
  readonly applied: ReadonlyMap<number, number>;
}

export const databaseOf = ({ shards }: Pick<Simulation, "shards">, slot: number): Database =>
  (shards[slot % SHARDS] as SimulatedShard).database;

export const slotRowOf = (simulation: Pick<Simulation, "shards">, slot: number): SlotRow =>
  databaseOf(simulation, slot).slots.get(slot) as SlotRow;

export const isHalted = (simulation: Pick<Simulation, "shards">, slot: number): boolean =>
  slotRowOf(simulation, slot).haltedReason !== null;

export const slotsOfStream = (stream: string): number[] =>
  Array.from({ length: SLOTS }, (_, slot) => slot).filter(
    (slot) => commandStream(streamOf(slot, STREAMS)) === stream,
  );
