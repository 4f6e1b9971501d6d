import { decodeEntries } from "../../core/auction/record-codec.ts";
import { auctionIdOfSubject } from "../../shared/subjects.ts";
import { replayStream } from "../support/replay.ts";
import { type CheckedSlot, type Found, tapeOf, UNDER_WAY_MS, wentBackwards } from "./checked-slot.ts";
import { databaseOf, isHalted, type Simulation, slotRowOf } from "./simulation.ts";

/** I13: whoever had come further than the log is now stands still; nobody else does. */
export function checkHalt(simulation: Simulation, slot: number, found: Found): void {
  const regression = wentBackwards(simulation, slot);
  const { haltedReason } = slotRowOf(simulation, slot);
  if (regression === undefined) {
    if (haltedReason !== null) found("I13", `slot ${slot} stands still without a reason: ${haltedReason}`);
    return;
  }
  if ((regression.applied.get(slot) ?? 0) > regression.keep && haltedReason === null)
    found("I13", `slot ${slot} reads on in a log that has lost what it had applied`);
}

/** I7: each position was moved once, from where it was. */
export function checkMoves(simulation: Simulation, slot: number, found: Found): void {
  let [seq, epoch] = [0, 0];
  for (const move of databaseOf(simulation, slot).moves) {
    if (move.slot !== slot) continue;
    if (move.expectedSeq !== seq) found("I7", `slot ${slot} was moved from ${move.expectedSeq}, not ${seq}`);
    if (move.appliedSeq <= seq && move.appliedSeq !== move.expectedSeq)
      found("I7", `slot ${slot} was moved back from ${seq} to ${move.appliedSeq}`);
    if (move.epoch < epoch) found("I7", `epoch ${move.epoch} committed to slot ${slot} after ${epoch}`);
    ({ appliedSeq: seq, epoch } = move);
  }
}

/** I14, I1: what the log has is decided. */
export function checkDrained(simulation: Simulation, { slot }: CheckedSlot, found: Found): void {
  if (isHalted(simulation, slot)) return;
  const { appliedSeq } = slotRowOf(simulation, slot);
  const { nowMs } = simulation.world;
  const left = tapeOf(simulation, slot).filter(
    ({ seq, atMs }) => seq > appliedSeq && atMs < nowMs - UNDER_WAY_MS,
  );
  if (left.length > 0)
    found("I14", `slot ${slot} has left ${left.length} messages undecided above ${appliedSeq}`);
}

/** I1, I2, I3: the rows are those of an undisturbed replay, byte for byte; none is missing, none is too many. */
export function checkRows({ slot, rows, replay }: CheckedSlot, found: Found): void {
  const should = replay.decided.map(({ message, auctionId, atMs, decision, record, chain }) => {
    const { fromVersion, toVersion } = decision;
    return JSON.stringify({ seq: message.seq, auctionId, atMs, fromVersion, toVersion, record, chain });
  });
  const is = rows.map(({ seq, auctionId, atMs, fromVersion, toVersion, record, chain }) =>
    JSON.stringify({ seq, auctionId, atMs, fromVersion, toVersion, record, chain }),
  );
  const place = should.findIndex((row, i) => row !== is[i]);
  if (place >= 0) {
    const missing = is[place] === undefined;
    found(missing ? "I1" : "I2", `slot ${slot}, decision ${place}: ${is[place]} should be ${should[place]}`);
  }
  if (is.length > should.length) found("I1", `slot ${slot} has decisions that no message asked for`);
  const versions = new Map<string, number>();
  for (const { auctionId, fromVersion, toVersion, seq } of rows) {
    const before = versions.get(auctionId) ?? 0;
    if (fromVersion !== before) found("I3", `${auctionId} goes from ${before} to ${fromVersion} at ${seq}`);
    versions.set(auctionId, toVersion);
  }
}

/** I4, I5, I6, and I2 again: the second implementation of the rules comes to the same, in the rows and in what is left. */
export function checkRules(simulation: Simulation, { slot, tape, rows }: CheckedSlot, found: Found): void {
  const replay = replayStream(
    tape.map(({ seq, atMs, subject, data }) => ({
      seq,
      timestampMs: atMs,
      auctionId: auctionIdOfSubject(subject) ?? "",
      data,
    })),
  );
  const database = databaseOf(simulation, slot);
  for (const [auctionId, should] of replay) {
    const mine = rows.filter((row) => row.auctionId === auctionId);
    const entries = mine.flatMap((row) =>
      decodeEntries(auctionId, row.record).map((entry) => ({ ...entry, at: row.atMs })),
    );
    const is = entries.map(({ kind, outcome, reason, version, at }) => [kind, outcome, reason, version, at]);
    const naive = should.decisions.map(({ kind, outcome, reason, version, at }) => [
      kind,
      outcome,
      reason,
      version,
      at,
    ]);
    const place = naive.findIndex((one, i) => JSON.stringify(one) !== JSON.stringify(is[i]));
    if (place >= 0)
      found(
        "I6",
        `${auctionId}, command ${place}: ${JSON.stringify(is[place])} should be ${JSON.stringify(naive[place])}`,
      );
    const row = database.auctions.get(auctionId);
    const sold = [...(row?.orders.values() ?? [])].map(({ number, bidderId, quantity, status }) => [
      number,
      bidderId,
      quantity,
      status,
    ]);
    const orders = should.orders.map(({ number, bidderId, quantity, status }) => [
      number,
      bidderId,
      quantity,
      status,
    ]);
    if (JSON.stringify(sold.sort(byNumber)) !== JSON.stringify(orders))
      found("I5", `${auctionId} has sold ${JSON.stringify(sold)}, not ${JSON.stringify(orders)}`);
    const winner = row?.state.winner?.bidderId ?? null;
    if (winner !== should.winner) found("I4", `${auctionId} was won by ${winner}, not ${should.winner}`);
  }
}

const byNumber = (a: readonly unknown[], b: readonly unknown[]): number => Number(a[0]) - Number(b[0]);
