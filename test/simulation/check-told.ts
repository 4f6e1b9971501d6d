import type { Outcome } from "../../shared/outcomes.ts";
import { slotOf } from "../../shared/slots.ts";
import { type CheckedSlot, type Found, UNDER_WAY_MS, wentBackwards } from "./checked-slot.ts";
import { decisionName, firstDecisions } from "./decided-outcome.ts";
import { databaseOf, isHalted, type Simulation, SLOTS } from "./simulation.ts";

/** I8: what watchers were told is what it was at that version. */
export function checkResults(simulation: Simulation, { slot, replay }: CheckedSlot, found: Found): void {
  const { results, world } = simulation;
  if (!isHalted(simulation, slot)) {
    const told = new Set(results.map(({ auctionId, seq }) => `${auctionId}/${seq}`));
    const untold = replay.decided.filter(
      ({ auctionId, message: { seq, atMs } }) =>
        atMs < world.nowMs - UNDER_WAY_MS && !told.has(`${auctionId}/${seq}`),
    );
    if (untold.length > 0) found("I8", `${untold.length} results of slot ${slot} never left`);
  }
  for (const { auctionId, seq, from, to, live, events } of results) {
    if (slotOf(auctionId, SLOTS) !== slot) continue;
    const name = `the result of ${seq} of ${auctionId}`;
    if (to > from && events.length !== to - from) found("I8", `${name} leaves events out`);
    for (const event of events) {
      const should = replay.events.get(`${auctionId}/${event.version}`);
      if (should !== JSON.stringify(event))
        found("I8", `${name} says ${JSON.stringify(event)}, not ${should ?? "nothing"}`);
    }
    const should = replay.live.get(`${auctionId}/${to}`);
    if (live !== null && should !== JSON.stringify(live))
      found("I8", `${name} shows ${JSON.stringify(live)}, not ${should ?? "nothing"}`);
  }
}

/** Order events leave at least once, in their order, each under its own id. */
export function checkOrderEvents(simulation: Simulation, { slot, replay }: CheckedSlot, found: Found): void {
  if (isHalted(simulation, slot)) return;
  const { broker, world } = simulation;
  const left = new Map<string, string[]>();
  for (const { subject, data } of broker.streams.get("ORDERS")?.messages.values() ?? []) {
    if (!subject.startsWith(`orders.${slot}.`)) continue;
    const { id } = JSON.parse(new TextDecoder().decode(data)) as { id: string };
    const ids = left.get(subject) ?? [];
    if (!ids.includes(id)) left.set(subject, [...ids, id]);
  }
  const should = new Map<string, string[]>();
  for (const { auctionId, orderEvents, message } of replay.decided) {
    if (message.atMs > world.nowMs - UNDER_WAY_MS) continue;
    const subject = `orders.${slot}.${auctionId}`;
    should.set(subject, [...(should.get(subject) ?? []), ...orderEvents.map(({ id }) => id)]);
  }
  for (const [subject, ids] of should) {
    const is = (left.get(subject) ?? []).slice(0, ids.length);
    if (is.join() !== ids.join()) found("I1", `${subject} has told ${is.join()} instead of ${ids.join()}`);
  }
}

/** I15: what one bidder sent to one gateway is in the log in that order. */
export function checkSending(simulation: Simulation, { slot, tape }: CheckedSlot, found: Found): void {
  // What a log has lost comes again, later.
  if (wentBackwards(simulation, slot)) return;
  const first = new Map<string, number>();
  tape.forEach(({ data }, place) => {
    const { id, commands } = JSON.parse(new TextDecoder().decode(data)) as {
      id: string;
      commands: { key?: string; bidderId?: string; actorId?: string }[];
    };
    const gateway = id.slice(0, id.lastIndexOf("-"));
    commands.forEach(({ key, bidderId, actorId }, index) => {
      const name = `${gateway} ${bidderId ?? actorId} ${key}`;
      if (!first.has(name)) first.set(name, place * 1_000 + index);
    });
  });
  const last = new Map<string, { sent: number; place: number; key: string }>();
  const { crowd } = simulation;
  const sendings = crowd.asked.flatMap(({ auctionId, actorId, key, kind, sentTo }) =>
    kind === "bid"
      ? Array.from(sentTo, ([gateway, sent]) => ({ auctionId, actorId, key, gateway, sent }))
      : [],
  );
  for (const { actorId, key, gateway, sent } of sendings.sort((a, b) => a.sent - b.sent)) {
    const place = first.get(`${gateway} ${actorId} ${key}`);
    if (place === undefined || crowd.failedAt.has(gateway)) continue;
    const before = last.get(`${gateway} ${actorId}`);
    if (before !== undefined && before.place > place)
      found("I15", `${actorId}'s ${key} overtook ${before.key} at ${gateway}`);
    last.set(`${gateway} ${actorId}`, { sent, place, key });
  }
}

/** I1, I9: everybody was told, the same each time, and what the shards say; no key was decided twice. */
export function checkAnswers(simulation: Simulation, found: Found): void {
  const { shards, crowd } = simulation;
  for (const { kind, auctionId, key } of simulation.unanswered())
    found("I14", `nobody has told what became of ${kind} ${key} on ${auctionId}`);
  const decided = new Map<string, Outcome | null>();
  for (const row of shards.flatMap(({ database }) => [...database.log.values()])) {
    for (const { name, outcome } of firstDecisions(row)) {
      if (decided.has(name)) found("I9", `${name} was decided twice`);
      decided.set(name, outcome);
    }
  }
  for (const { auctionId, key, acknowledged } of crowd.asked) {
    const slot = slotOf(auctionId, SLOTS);
    if (wentBackwards(simulation, slot)) continue;
    const { log } = databaseOf(simulation, slot);
    const lost = acknowledged.filter((seq) => !log.has(`${auctionId}/${seq}`));
    if (lost.length > 0) found("I1", `${key} was acknowledged at ${lost.join()}, and nothing came of it`);
  }
  for (const asked of crowd.asked) {
    const answers = asked.answers.filter(({ reason }) => reason !== "idempotency_key_reused").map(answerText);
    if (new Set(answers).size > 1)
      found("I9", `${asked.key} was answered ${[...new Set(answers)].join(" and ")}`);
    const [answer] = answers;
    const outcome = decided.get(decisionName(asked.auctionId, asked)) ?? null;
    const stored = outcome === null ? "nothing" : answerText(outcome);
    if (answer !== undefined && answer !== stored)
      found("I1", `${asked.key} was answered ${answer}, and the shards say ${stored}`);
  }
}

const answerText = ({ outcome, reason, seq, index, at, version, price }: Outcome): string =>
  JSON.stringify({ outcome, reason, seq, index, at, version, price });
