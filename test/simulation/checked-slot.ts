import type { LoggedMessage } from "../../core/sequencer/log/command-log.ts";
import type { LogRow } from "../../core/shards/commit.ts";
import { commandStream, streamOf } from "../../shared/subjects.ts";
import { type ReplayedSlot, replaySlot } from "./replayed-slot.ts";
import { databaseOf, type Regression, type Simulation, slotRowOf, STREAMS } from "./simulation.ts";

/** Something that must not be. */
export interface Finding {
  readonly invariant: string;
  readonly what: string;
}

/** One slot as it ended, and what its log says it should have come to. */
export interface CheckedSlot {
  readonly slot: number;
  /** Its messages of the log, as far as they belong to what it applied. */
  readonly tape: readonly LoggedMessage[];
  readonly rows: readonly LogRow[];
  readonly replay: ReplayedSlot;
}

/** Messages younger than this may still be on their way when a run ends: deadlines go on for ever. */
export const UNDER_WAY_MS = 2_000;

/** Notes that an invariant does not hold. */
export type Found = (invariant: string, what: string) => void;

/** The slot, its rows and its replay. */
export async function openSlot(simulation: Simulation, slot: number): Promise<CheckedSlot> {
  const { appliedSeq } = slotRowOf(simulation, slot);
  const rows = [...databaseOf(simulation, slot).log.values()]
    .filter((row) => row.slot === slot)
    .sort((a, b) => a.seq - b.seq);
  const tape = tapeOf(simulation, slot).filter(({ seq }) => seq <= appliedSeq);
  return { slot, tape, rows, replay: await replaySlot(tape) };
}

/** The log that the slot has applied: of a stream that went backwards the messages before that, if it had come further. */
export function tapeOf(simulation: Simulation, slot: number): LoggedMessage[] {
  const { broker } = simulation;
  const stream = commandStream(streamOf(slot, STREAMS));
  const isMine = ({ subject }: LoggedMessage): boolean => subject.startsWith(`commands.${slot}.`);
  const now = [...(broker.streams.get(stream)?.messages.values() ?? [])].filter(isMine);
  const regression = wentBackwards(simulation, slot);
  if (regression === undefined || slotRowOf(simulation, slot).appliedSeq <= regression.keep) return now;
  const { appliedSeq, appliedAt } = slotRowOf(simulation, slot);
  const before = broker.archive.filter((message) => message.stream === stream && message.generation === 0);
  const isOfBefore = before.some(({ seq, atMs }) => seq === appliedSeq && atMs === appliedAt);
  return isOfBefore ? before.filter(isMine) : now;
}

/** How the slot's stream went backwards, if it did. */
export const wentBackwards = ({ regressions }: Simulation, slot: number): Regression | undefined =>
  regressions.find(({ stream }) => stream === commandStream(streamOf(slot, STREAMS)));
