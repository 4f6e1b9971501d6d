import { expect, test } from "vitest";
import { createAuction, edgeOf, request } from "../../support/client.ts";
import { sharedStack } from "../../support/stack.ts";
import { edgeCounter } from "./edge-counter.ts";
import { expectNothingLost } from "./expect-nothing-lost.ts";
import { expectUnimpressed } from "./latencies.ts";
import { whileStopped } from "./processes.ts";
import { startSteadyBidders } from "./steady-bidders.ts";

/** A read that Redis does not answer is asked of the core instead. */
const READ_WITHIN_MS = 2_000;

test("a Redis that stands still costs bidders nothing: its circuit opens, and the edge says so (I12)", async () => {
  const stack = sharedStack();
  const edge = edgeOf(stack);
  const { id } = await createAuction(edge);
  const steady = await startSteadyBidders(edge, id);
  const before = await steady.measure(1_500);
  await steady.stop();

  const fellBack = await edgeCounter(edge, "rate_limit_fallback_slow");
  const { redis } = stack.info.pids;
  const during = await whileStopped(redis === null ? [] : [redis], async () => {
    // Bidders whom nobody has a lease for: each has to ask.
    const strangers = await createAuction(edge).then((fresh) =>
      startSteadyBidders(edge, fresh.id, 8, "stranger"),
    );
    const measured = await strangers.measure(2_500);
    const readFromMs = performance.now();
    expect(await request(edge, `/v1/auctions/${id}`)).toMatchObject({ status: 200 });
    expect(performance.now() - readFromMs).toBeLessThan(READ_WITHIN_MS);
    await strangers.stop();
    return measured;
  });
  expectUnimpressed("bidders without Redis", { before, during });
  expect(await edgeCounter(edge, "rate_limit_fallback_slow")).toBeGreaterThan(fellBack);
  await expectNothingLost(stack.info, { auctionIds: [id], told: steady.told });
});
