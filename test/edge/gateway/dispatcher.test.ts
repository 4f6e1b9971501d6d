import { beforeEach, describe, expect, test } from "vitest";
import {
  createDispatcher,
  MAX_UNDECIDED,
  RETRY_FOR_MS,
  type Dispatcher,
  type PendingCommand,
} from "../../../edge/gateway/dispatcher.ts";
import { envelopeSchema, MAX_COMMANDS_PER_ENVELOPE, type Envelope } from "../../../shared/commands.ts";
import { outcomeAt } from "../builders.ts";

let now: number;
let sent: Envelope[];
let overdue: string[];
let heard: string[];
let hurried: number;
let dispatcher: Dispatcher;

beforeEach(() => {
  now = 1_000;
  sent = [];
  overdue = [];
  heard = [];
  hurried = 0;
  dispatcher = createDispatcher({
    origin: "gateway-local-auction-1-0",
    incarnation: "incarnation",
    now: () => now,
    publish: (_, payload) => sent.push(envelopeSchema.parse(JSON.parse(payload))),
    hurry: () => void hurried++,
    overdue: (flight) => overdue.push(flight.id),
  });
});

const bid = (key: string, actorId = "bob"): PendingCommand => ({
  kind: "bid",
  actorId,
  key,
  json: JSON.stringify({ type: "bid", bidderId: actorId, key, body: { amount: 100 } }),
  target: {
    wantsAck: false,
    decided: (outcome) => heard.push(`${key} ${outcome.outcome}`),
    queued: (seq) => heard.push(`${key} queued ${seq}`),
    failed: (failure) => heard.push(`${key} ${failure}`),
  },
});

const keysOf = (envelope: Envelope | undefined): string[] =>
  (envelope?.commands ?? []).map((command) => ("key" in command ? command.key : ""));

const idOf = (i: number): string => sent[i]?.id ?? "";

describe("lanes (I15)", () => {
  test("a command of an idle lane leaves at once, in an envelope that the core can parse", () => {
    dispatcher.submit(0, bid("a"));
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({
      origin: "gateway-local-auction-1-0",
      commands: [{ type: "bid", bidderId: "bob", key: "a" }],
    });
  });

  test("what arrives while an envelope is underway is the lane's next envelope, in order", () => {
    for (const key of ["a", "b", "c"]) dispatcher.submit(0, bid(key));
    expect(sent.map(keysOf)).toEqual([["a"]]);
    dispatcher.acked(idOf(0), 7);
    expect(sent.map(keysOf)).toEqual([["a"], ["b", "c"]]);
  });

  test("lanes do not wait for each other", () => {
    dispatcher.submit(0, bid("a"));
    dispatcher.submit(1, bid("b"));
    expect(sent.map(keysOf)).toEqual([["a"], ["b"]]);
  });

  test("an envelope never holds more commands than the contract allows", () => {
    for (let i = 0; i <= MAX_COMMANDS_PER_ENVELOPE + 1; i++) dispatcher.submit(0, bid(`k${i}`));
    dispatcher.acked(idOf(0), 7);
    expect(sent[1]?.commands).toHaveLength(MAX_COMMANDS_PER_ENVELOPE);
  });

  test("a lane waits for its retry, and the retry is the same envelope", () => {
    dispatcher.submit(0, bid("a"));
    dispatcher.submit(0, bid("b"));
    dispatcher.unknown(idOf(0));
    now += 1_000;
    dispatcher.sweep();
    expect(sent.map(keysOf)).toEqual([["a"], ["a"]]);
    expect(idOf(1)).toBe(idOf(0));
    dispatcher.acked(idOf(0), 7);
    expect(keysOf(sent[2])).toEqual(["b"]);
  });

  test("whoever comes to wait behind an envelope asks for its ack once", () => {
    for (const key of ["a", "b", "c"]) dispatcher.submit(0, bid(key));
    expect(hurried).toBe(1);
  });

  test("a result that comes before its ack frees the lane once", () => {
    dispatcher.submit(0, bid("a"));
    dispatcher.submit(0, bid("b"));
    dispatcher.decided(idOf(0), [outcomeAt(0)]);
    dispatcher.acked(idOf(0), 7);
    expect(sent.map(keysOf)).toEqual([["a"], ["b"]]);
  });
});

describe("fates (I1, I12)", () => {
  test("outcomes reach the commands in the envelope's order, a retry's first outcome too", () => {
    dispatcher.submit(0, bid("first"));
    for (const key of ["a", "b"]) dispatcher.submit(0, bid(key));
    dispatcher.acked(idOf(0), 7);
    heard = [];
    dispatcher.decided(idOf(1), [outcomeAt(0), outcomeAt(1, { outcome: "rejected" })]);
    expect(heard).toEqual(["a accepted", "b rejected"]);
  });

  test("a result of an unknown envelope is left to the caller", () => {
    expect(dispatcher.decided("of an earlier life", [outcomeAt(0)])).toBe(false);
  });

  test("a publish that certainly failed says so, and the lane goes on", () => {
    dispatcher.submit(0, bid("a"));
    dispatcher.submit(0, bid("b"));
    dispatcher.notQueued(idOf(0));
    expect(heard).toEqual(["a not_queued"]);
    expect(keysOf(sent[1])).toEqual(["b"]);
  });

  test("after an unknown attempt a refusal proves nothing: the fate stays unknown", () => {
    dispatcher.submit(0, bid("a"));
    dispatcher.unknown(idOf(0));
    for (let waited = 0; waited <= RETRY_FOR_MS + 2_000; waited += 500) {
      now += 500;
      dispatcher.sweep();
      dispatcher.notQueued(idOf(0));
    }
    expect(heard).toEqual(["a outcome_unknown"]);
    expect(dispatcher.undecided()).toBe(0);
  });

  test("a pipe that never opened lost its envelopes for sure, a broken one perhaps", () => {
    dispatcher.submit(0, bid("a"));
    dispatcher.pipeLost(false);
    dispatcher.submit(0, bid("b"));
    dispatcher.pipeLost(true);
    now += 1_000;
    dispatcher.sweep();
    expect(heard).toEqual(["a not_queued"]);
    expect(keysOf(sent.at(-1))).toEqual(["b"]);
  });

  test("an ack that never comes is a retry", () => {
    dispatcher.submit(0, bid("a"));
    for (let i = 0; i < 12; i++) {
      now += 500;
      dispatcher.sweep();
    }
    expect(sent.length).toBeGreaterThan(1);
  });

  test("an acknowledged envelope without a result is asked for", () => {
    dispatcher.submit(0, bid("a"));
    dispatcher.acked(idOf(0), 7);
    now += 5_000;
    dispatcher.sweep();
    expect(overdue).toEqual([idOf(0)]);
  });
});

describe("limits (I12)", () => {
  test("too many undecided commands are refused, and decided ones make room", () => {
    dispatcher.submit(0, bid("first"));
    for (let i = 1; i < MAX_UNDECIDED; i++) dispatcher.submit(0, bid(`k${i}`));
    expect(dispatcher.submit(1, bid("too many"))).toBe(false);
    dispatcher.decided(idOf(0), [outcomeAt(0)]);
    expect(dispatcher.submit(1, bid("fits"))).toBe(true);
  });

  test("a command that is still in its lane can be taken back, one that was sent cannot", () => {
    const [first, second] = [bid("a"), bid("b")];
    dispatcher.submit(0, first);
    dispatcher.submit(0, second);
    expect(dispatcher.withdraw(first)).toBe(false);
    expect(dispatcher.withdraw(second)).toBe(true);
    dispatcher.acked(idOf(0), 7);
    expect(sent).toHaveLength(1);
    expect(dispatcher.undecided()).toBe(1);
  });
});
