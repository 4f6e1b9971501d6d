import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { createAuction, edgeOf, placeBid, tokenFor } from "../../support/client.ts";
import { sharedStack } from "../../support/stack.ts";
import { expectNothingLost } from "./expect-nothing-lost.ts";
import { expectHonestRefusals, fillGateway } from "./fill-gateway.ts";
import { report } from "./latencies.ts";
import { whileStopped } from "./processes.ts";

const STOPPED_FOR_MS = 5_000;

test("while no core decides, the edge takes what it may hold, refuses the rest with a reason, and recovers by itself (I1, I12, I14)", async () => {
  const stack = sharedStack();
  const edge = edgeOf(stack);
  const { id } = await createAuction(edge);
  const token = await tokenFor(edge, "alice", "bidder");
  expect(await placeBid(edge, id, { token, amount: 1_000 })).toMatchObject({ status: 201 });
  const cores = stack.info.pids.core.filter((pid) => pid !== null);
  const full = await whileStopped(cores, async () => {
    const until = sleep(STOPPED_FOR_MS);
    const filled = await fillGateway(edge, id, token);
    await until;
    return filled;
  });
  const backMs = performance.now();
  expect(await full.answered(10_000), "something waits still").toBe(true);
  report("no core for five seconds", {
    sent: full.sent,
    refused: full.refused().length,
    drainedMs: Math.round(performance.now() - backMs),
  });
  expectHonestRefusals(full.refusal, full.refused());
  expect(await placeBid(edge, id, { token, amount: 990_000 })).toMatchObject({ status: 201 });
  await expectNothingLost(stack.info, { auctionIds: [id], told: full.told() });
  full.close();
});
