import { afterAll, beforeAll, expect, test } from "vitest";
import type { Instance } from "../../../../core/sequencer/instance.ts";
import type { Command } from "../../../../shared/commands.ts";
import { auctionIdFor } from "../../../../shared/ids.ts";
import type { Outcome } from "../../../../shared/outcomes.ts";
import { outcomeAt, type Result } from "../../../../shared/results.ts";
import { create, manage, sam } from "../../../support/builders.ts";
import { englishTerms } from "../../../support/client.ts";
import { bidCommand, type SequencerCluster, startSequencerCluster } from "../cluster.ts";

let cluster: SequencerCluster;
beforeAll(async () => {
  cluster = await startSequencerCluster();
}, 60_000);
afterAll(async () => cluster.close(), 30_000);

const KEYS = 4_000;
/** As if an auction had had millions of keys: a few exactly, some sealed, and most of them behind filters that two share or more. */
const keyLimits = { exactKeys: 200, segmentKeys: 100, segments: 6 };

const bidOf = (i: number): Command => bidCommand(`bidder-${i % 500}`, `k-${i}`, 1_000 + i * 10);

/** Envelopes of one to forty commands. */
function envelopes(commands: readonly Command[]): Command[][] {
  const sent: Command[][] = [];
  for (let at = 0; at < commands.length;) {
    const size = 1 + ((at * 7) % 40);
    sent.push(commands.slice(at, at + size));
    at += size;
  }
  return sent;
}

test("every key keeps its first outcome through sealing, merging, evictions, a restart and a handover (I9)", async () => {
  const key = "for-life";
  const auctionId = auctionIdFor(sam, key);
  const others = ["cold-1", "cold-2"].map((one) => ({ one, id: auctionIdFor(sam, one) }));
  const terms = englishTerms({ endsAt: Date.now() + 3_600_000 });

  const send = async (commands: readonly Command[]): Promise<Outcome[]> => {
    const sent = await Promise.all(envelopes(commands).map((some) => cluster.append(auctionId, some)));
    const results: Result[] = [];
    for (const seq of sent)
      results.push(await cluster.result((result) => result.auctionId === auctionId && result.seq === seq));
    return results.flatMap((result) =>
      result.outcomes.map((_, index) => outcomeAt(result, index) as Outcome),
    );
  };
  const inOrder = async (commands: readonly Command[]): Promise<Outcome[]> => {
    const outcomes: Outcome[] = [];
    // By hundreds: so that many batches are prepared, and what is committed meanwhile may be sealed.
    for (let at = 0; at < commands.length; at += 400)
      outcomes.push(...(await send(commands.slice(at, at + 400))));
    return outcomes;
  };

  // Nothing stays cached for longer than it is used.
  let instance: Instance = await cluster.startInstance("first", { keyLimits, cacheBytes: 1 });
  await cluster.append(auctionId, [create(terms, key)]);
  for (const { one, id } of others) await cluster.append(id, [create(terms, one)]);
  const commands = Array.from({ length: KEYS }, (_, i) => bidOf(i));
  commands.splice(
    1_500,
    0,
    manage(sam, "seller", { action: "change_end", endsAt: Date.now() + 7_200_000, reason: "later" }, "m"),
  );
  const firsts = await inOrder(commands);
  expect(firsts).toHaveLength(KEYS + 1);

  const retried = async (): Promise<void> => {
    const again = await inOrder(commands);
    const wrong = again.flatMap((outcome, i) => {
      const { duplicate, ...rest } = outcome as Outcome & { duplicate?: boolean };
      return duplicate === true && JSON.stringify(rest) === JSON.stringify(firsts[i])
        ? []
        : [{ i, outcome, first: firsts[i] }];
    });
    expect(wrong.slice(0, 3)).toEqual([]);
    const changed = commands.flatMap((command, i) =>
      command.type === "bid" && i % 9 === 0 ? [{ ...command, body: { amount: 5 } }] : [],
    );
    const refused = await inOrder(changed);
    expect(new Set(refused.map(({ reason }) => reason))).toEqual(new Set(["idempotency_key_reused"]));
  };
  await retried();
  await instance.stop();
  instance = await cluster.startInstance("second", { keyLimits });
  await retried();
  const third = await cluster.startInstance("third", { keyLimits, cacheBytes: 1 });
  await instance.stop();
  await retried();
  await third.stop();
  // Retries have added nothing: a new key is still new.
  await cluster.startInstance("fourth", { keyLimits });
  const [fresh] = await send([bidOf(KEYS + 1)]);
  expect(fresh).toMatchObject({ outcome: "accepted", key: `k-${KEYS + 1}` });
}, 120_000);
