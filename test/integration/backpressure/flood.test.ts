import { expect, test } from "vitest";
import { createAuction, edgeOf, placeBid, tokenFor } from "../../support/client.ts";
import { sharedStack } from "../../support/stack.ts";
import { sendCrowd } from "./crowd.ts";
import { expectNothingLost } from "./expect-nothing-lost.ts";
import { report } from "./latencies.ts";

/** More than twice what one gateway takes without a decision, all at once. */
const FLOOD = { name: "flood", bidders: 12, bidsEach: 2_000 };
/** What the gateway may hold (10,000) at a tenth of the rate that a quiet machine decides. */
const ACCEPTED_WITHIN_MS = 10_000;
const CALM_WITHIN_MS = 1_000;

test("a flood is answered bid by bid: what is taken is decided soon, what is refused is told why and when to return (I1, I12)", async () => {
  const stack = sharedStack();
  const edge = edgeOf(stack);
  const { id } = await createAuction(edge);
  const token = await tokenFor(edge, "alice", "bidder");
  const crowd = await sendCrowd(edge, id, FLOOD);
  expect(await crowd.answered(15_000), "something waits still").toBe(true);
  report("a flood", { sent: crowd.sent, refused: crowd.refused.length, decided: crowd.latencies() });
  for (const refusal of crowd.refused)
    expect(refusal).toMatchObject({ reason: "not_queued", queued: false, retryAfterMs: expect.any(Number) });
  expect(crowd.latencies().p99Ms).toBeLessThan(ACCEPTED_WITHIN_MS);
  const calmFromMs = performance.now();
  expect(await placeBid(edge, id, { token, amount: 990_000 })).toMatchObject({ status: 201 });
  expect(performance.now() - calmFromMs).toBeLessThan(CALM_WITHIN_MS);
  await expectNothingLost(stack.info, { auctionIds: [id], told: crowd.told });
  crowd.close();
});
