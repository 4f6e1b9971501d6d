import { expect, test } from "vitest";
import type { OutcomeTarget, PendingCommand } from "../../../edge/gateway/dispatcher.ts";
import { createHttpWaiters } from "../../../edge/gateway/http-waiters.ts";
import { outcomeAt } from "../builders.ts";

function waiting(waitMs: number, withdrawable = false) {
  const stage = { now: 0 };
  const waiters = createHttpWaiters({ now: () => stage.now, withdraw: () => withdrawable });
  let target: OutcomeTarget | undefined;
  const reply = waiters.wait(waitMs, (given) => {
    target = given;
    return { kind: "bid", actorId: "bob", key: "k", json: "{}", target: given } satisfies PendingCommand;
  });
  const pass = (ms: number): void => {
    stage.now += ms;
    waiters.expire();
  };
  return { reply, target: target as unknown as OutcomeTarget, pass, waiters };
}

test("a decided command answers with its outcome", async () => {
  const { reply, target, waiters } = waiting(2_000);
  target.queued(7);
  target.decided(outcomeAt(0));
  expect(await reply).toMatchObject({ kind: "decided", outcome: { key: "key-0" } });
  expect(waiters.size()).toBe(0);
});

test("patience that ends after the ack is a pending command, with its sequence", async () => {
  const { reply, target, pass } = waiting(2_000);
  target.queued(7);
  pass(2_001);
  expect(await reply).toEqual({ kind: "queued", seq: 7 });
});

test("whoever prefers not to wait is answered by the ack", async () => {
  const { reply, target } = waiting(0);
  target.queued(7);
  expect(await reply).toEqual({ kind: "queued", seq: 7 });
});

test("patience that ends before any ack leaves the fate unknown", async () => {
  const { reply, pass } = waiting(1_000);
  pass(1_001);
  expect(await reply).toEqual({ kind: "failed", reason: "outcome_unknown" });
});

test("a command that never left its lane is taken back, and that is certain", async () => {
  const { reply, pass } = waiting(1_000, true);
  pass(1_001);
  expect(await reply).toEqual({ kind: "failed", reason: "not_queued" });
});

test("a gateway that takes no more commands says that it queued none", async () => {
  const waiters = createHttpWaiters({ now: () => 0, withdraw: () => false });
  expect(await waiters.wait(1_000, () => undefined)).toEqual({ kind: "failed", reason: "not_queued" });
});
