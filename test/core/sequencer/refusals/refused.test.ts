import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Command } from "../../../../shared/commands.ts";
import { auctionIdFor } from "../../../../shared/ids.ts";
import { outcomeAt } from "../../../../shared/results.ts";
import { slotOf } from "../../../../shared/slots.ts";
import { englishTerms } from "../../../support/client.ts";
import { create, sam } from "../../../support/builders.ts";
import { bidCommand, type SequencerCluster, SLOTS, startSequencerCluster } from "../cluster.ts";

let cluster: SequencerCluster;
beforeAll(async () => {
  cluster = await startSequencerCluster();
  // What Postgres refuses and no schema does: as good as impossible, so the tests make it.
  for (const { sql } of cluster.shards) await sql.unsafe(REFUSE_MARKED);
  await cluster.startInstance("isolates");
}, 60_000);
afterAll(async () => cluster.close(), 30_000);

/** An amount that begins like this is refused wherever it stands in what is stored. */
const MARKED = 900_000_777_000;
const REFUSE_MARKED = `
  alter table decision_log add constraint no_mark check (record not like '%:${MARKED / 1_000}%');
  alter table decision_log add constraint no_key check (record not like '%"refused-key"%');
  alter table decision_log add constraint no_id check (envelope_id not like 'refused%');
  alter table decision_log add constraint no_pair check (record not like '%:900000111%' or record not like '%:900000222%')`;

let lots = 0;
async function openAuction(onSlot?: number): Promise<string> {
  for (;;) {
    const key = `lot-${++lots}`;
    const auctionId = auctionIdFor(sam, key);
    if (onSlot !== undefined && slotOf(auctionId, SLOTS) !== onSlot) continue;
    await cluster.append(auctionId, [create(englishTerms(), key)]);
    await cluster.result((result) => result.auctionId === auctionId && result.to === 1);
    return auctionId;
  }
}

/** 200 rising bids of as many bidders; those at `culprits` cannot be stored. */
const bids = (culprits: readonly number[], count = 200): Command[] =>
  Array.from({ length: count }, (_, i) =>
    bidCommand(`bidder-${i}`, `k-${i}`, culprits.includes(i) ? MARKED + i : 1_000 * (i + 2)),
  );

const decisionsOf = (auctionId: string, seq: number) =>
  cluster.home(auctionId).sql<
    { key: string; bidder_id: string; outcome: string; reason: string | null; amount: string | null }[]
  >`
    select key, bidder_id, outcome, reason, amount from decisions
    where auction_id = ${auctionId} and seq = ${seq} order by index`;

const letterOf = async (auctionId: string, seq: number) => {
  const slot = slotOf(auctionId, SLOTS);
  const [letter] = await cluster.home(auctionId).sql<
    { reason: string; detail: string; payload: Uint8Array }[]
  >`
    select reason, detail, payload from dead_letters where slot = ${slot} and seq = ${seq}`;
  return letter;
};

const resultOf = (auctionId: string, seq: number) =>
  cluster.result((result) => result.auctionId === auctionId && result.seq === seq);

describe("what Postgres refuses of a message", () => {
  test.each([
    ["one in the middle", [100]],
    ["two", [3, 171]],
    ["neighbours and the ends", [0, 1, 98, 99, 199]],
  ])(
    "%s of 200 commands: refused with an answer, the others are decided as if they were alone (I1, I13)",
    async (_, culprits) => {
      const auctionId = await openAuction();
      const commands = bids(culprits);
      const seq = await cluster.append(auctionId, commands);
      const result = await resultOf(auctionId, seq);
      expect(result.outcomes).toHaveLength(200);
      for (const [i, command] of commands.entries()) {
        const { outcome, reason, key } = outcomeAt(result, i) ?? {};
        const expected = culprits.includes(i) ? ["rejected", "internal_error"] : ["accepted", undefined];
        expect([outcome, reason, key]).toEqual([...expected, `k-${i}`]);
        expect(command.type).toBe("bid");
      }
      const rows = await decisionsOf(auctionId, seq);
      expect(rows.flatMap((row, i) => (row.reason === "internal_error" ? [i] : []))).toEqual(culprits);
      expect(rows.filter(({ outcome }) => outcome === "accepted")).toHaveLength(200 - culprits.length);
      for (const i of culprits)
        expect(rows[i]).toMatchObject({ key: `k-${i}`, bidder_id: `bidder-${i}`, amount: null });
      const letter = await letterOf(auctionId, seq);
      expect(letter?.reason).toBe("refused_by_postgres");
      expect(letter?.detail).toMatch(new RegExp(`^of 200 commands ${culprits.join(", ")}: .*no_mark`));
      expect(
        (JSON.parse(new TextDecoder().decode(letter?.payload)) as { commands: unknown }).commands,
      ).toEqual(commands);
    },
  );

  test("all of them: everybody gets an answer, and a retry gets it again, whatever its body (I1, I9)", async () => {
    const auctionId = await openAuction();
    const all = Array.from({ length: 40 }, (_, i) => i);
    const seq = await cluster.append(auctionId, bids(all, 40));
    const result = await resultOf(auctionId, seq);
    for (const i of all)
      expect(outcomeAt(result, i)).toMatchObject({ reason: "internal_error", key: `k-${i}` });
    expect((await letterOf(auctionId, seq))?.detail).toMatch(/^all commands: /);
    const retry = await cluster.append(auctionId, [
      bidCommand("bidder-7", "k-7", 5_000),
      ...bids([8], 9).slice(8),
    ]);
    const again = await resultOf(auctionId, retry);
    for (const [place, i] of [7, 8].entries())
      expect(outcomeAt(again, place)).toEqual({ ...outcomeAt(result, i), duplicate: true });
    expect(await letterOf(auctionId, retry), "a repeated body is not stored twice").toBeUndefined();
  });

  test("only the envelope's own id: its commands are decided (I1)", async () => {
    const auctionId = await openAuction();
    const seq = await cluster.append(auctionId, bids([], 20), { id: "refused-id" });
    const result = await resultOf(auctionId, seq);
    expect(result).toMatchObject({ origin: "test", envelopeId: "refused-id" });
    expect((await decisionsOf(auctionId, seq)).every(({ outcome }) => outcome === "accepted")).toBe(true);
    expect((await letterOf(auctionId, seq))?.detail).toMatch(/^the envelope's own id and origin: .*no_id/);
  });

  test("two that are refused only together: all of its commands are refused, and everybody is told (I1)", async () => {
    const auctionId = await openAuction();
    const pair = [bidCommand("zoe", "left", 900_000_111_000), bidCommand("zoe", "right", 900_000_222_000)];
    const seq = await cluster.append(auctionId, [...bids([], 6), ...pair]);
    const result = await resultOf(auctionId, seq);
    for (let i = 0; i < 8; i++) expect(outcomeAt(result, i)).toMatchObject({ reason: "internal_error" });
    expect((await letterOf(auctionId, seq))?.detail).toMatch(/^all commands: .*no_pair/);
  });

  test("a key: nothing of the message can be stored, and the slot goes on behind it (I13)", async () => {
    const auctionId = await openAuction();
    const seq = await cluster.append(auctionId, [bidCommand("alice", "refused-key", 2_000), ...bids([], 5)]);
    const next = await cluster.append(auctionId, bids([], 3));
    await resultOf(auctionId, next);
    expect(await decisionsOf(auctionId, seq)).toEqual([]);
    expect((await letterOf(auctionId, seq))?.detail).toMatch(/^none of it can be stored: .*no_key/);
  });

  test("the shard's other slots are answered within a second meanwhile (I13)", async () => {
    const [poisoned, ...healthy] = await Promise.all([1, 3, 5, 7].map((slot) => openAuction(slot)));
    if (poisoned === undefined) throw new Error("no auction");
    const culprits = Array.from({ length: 60 }, (_, i) => i * 3);
    const bad = await cluster.append(poisoned, bids(culprits));
    const sentMs = Date.now();
    const good = await Promise.all(healthy.map((auctionId) => cluster.append(auctionId, bids([], 20))));
    await Promise.all(healthy.map((auctionId, i) => resultOf(auctionId, good[i] ?? 0)));
    expect(Date.now() - sentMs).toBeLessThan(1_000);
    await resultOf(poisoned, bad);
    const rows = await decisionsOf(poisoned, bad);
    expect(rows.flatMap((row, i) => (row.reason === "internal_error" ? [i] : []))).toEqual(culprits);
  });
});

test("nothing of what was refused stands in the log of the program", () => {
  const logged = cluster.logged.join("\n");
  expect(logged).toContain("Postgres refuses a message");
  expect(logged).not.toContain(String(MARKED / 1_000));
});
