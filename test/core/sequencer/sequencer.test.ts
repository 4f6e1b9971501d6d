import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Instance } from "../../../core/sequencer/instance.ts";
import { claimSlots } from "../../../core/shards/claim-slots.ts";
import { type Commit, commitBatch, type LogRow, type PositionMove } from "../../../core/shards/commit.ts";
import { monthOf } from "../../../core/shards/partitions.ts";
import { auctionIdFor } from "../../../shared/ids.ts";
import { outcomeAt } from "../../../shared/results.ts";
import { slotOf } from "../../../shared/slots.ts";
import { englishTerms } from "../../support/client.ts";
import { bidCommand, type SequencerCluster, SLOTS, startSequencerCluster, until } from "./cluster.ts";

let cluster: SequencerCluster;
let instances: Instance[] = [];
beforeAll(async () => {
  cluster = await startSequencerCluster();
});
afterAll(() => cluster.close());
beforeEach(() => {
  cluster.results.length = 0;
});

async function run(...ids: string[]): Promise<Instance[]> {
  instances = [];
  for (const id of ids) instances.push(await cluster.startInstance(id));
  return instances;
}
const stopAll = (): Promise<unknown> => Promise.all(instances.map((instance) => instance.stop()));

let lots = 0;
/** A new auction in the log; `onSlot` chooses where it lives. */
async function openAuction(onSlot?: number): Promise<string> {
  for (;;) {
    const key = `lot-${++lots}`;
    const auctionId = auctionIdFor("sam", key);
    if (onSlot !== undefined && slotOf(auctionId, SLOTS) !== onSlot) continue;
    const create = {
      type: "create",
      sellerId: "sam",
      key,
      rules: 1,
      aliasSalt: "salt-of-the-tests-0001",
      body: englishTerms(),
    };
    await cluster.append(auctionId, [create]);
    return auctionId;
  }
}

const decisionsOf = (auctionId: string) =>
  cluster.home(auctionId).sql`
    select kind, bidder_id, key, outcome, reason from decisions where auction_id = ${auctionId} order by seq, index`;

describe("the position in the commit (I7)", () => {
  const row = (slot: number, seq: number): LogRow => ({
    month: monthOf(Date.now()),
    slot,
    auctionId: `fence-${slot}`,
    seq,
    atMs: Date.now(),
    fromVersion: 0,
    toVersion: 0,
    envelopeId: `e-${seq}`,
    origin: "",
    fingerprints: "",
    record: "[]",
    chain: "c",
  });
  const move = (slot: number, epoch: number, expectedSeq: number): PositionMove => ({
    slot,
    epoch,
    expectedSeq,
    appliedSeq: expectedSeq + 1,
    appliedAt: Date.now(),
    appliedId: "",
    streamId: "",
    publishedSeq: 0,
  });
  const commit = (...moves: PositionMove[]): Commit => ({
    leaseMs: 2_000,
    moves,
    log: moves.map((m) => row(m.slot, m.appliedSeq)),
    auctions: [],
    outbox: [],
    deadLetters: [],
  });

  test("a former owner writes nothing once its slot was claimed, and the new owner writes", async () => {
    const shard = cluster.shards[0];
    if (shard === undefined) throw new Error("no shard");
    await shard.sql`update slots set owner = null, lease_until = null, applied_seq = 0`;
    const claim = (instanceId: string) => claimSlots(shard, { instanceId, limit: 2, leaseMs: -1, held: [] });
    const [former] = await claim("former");
    const [owner, other] = await claim("owner");
    if (former === undefined || owner === undefined || other === undefined) throw new Error("no claims");
    expect(owner.slot).toBe(former.slot);
    expect(owner.epoch).toBeGreaterThan(former.epoch);

    expect(await commitBatch(shard, commit(move(former.slot, former.epoch, 0)))).toEqual({
      fenced: [former.slot],
    });
    // Together with a slot that is in order, too: nothing of the commit is written, and the answer says whose fault it was.
    const mixed = commit(move(former.slot, former.epoch, 0), move(other.slot, other.epoch, 0));
    expect(await commitBatch(shard, mixed)).toEqual({ fenced: [former.slot] });
    const written = () =>
      shard.sql`select slot, seq from decision_log where auction_id like 'fence-%' order by slot`;
    expect(await written()).toEqual([]);

    expect(await commitBatch(shard, commit(move(owner.slot, owner.epoch, 0)))).toEqual({ fenced: [] });
    expect(
      await commitBatch(shard, commit(move(owner.slot, owner.epoch, 0))),
      "the same position twice",
    ).toEqual({
      fenced: [owner.slot],
    });
    expect(await written()).toHaveLength(1);
    await shard.sql`delete from decision_log where auction_id like 'fence-%'`;
    await shard.sql`update slots set owner = null, lease_until = null, applied_seq = 0`;
  });
});

describe("sharing the slots", () => {
  test("two instances have half of each shard's slots, and one that stops leaves them to the other", async () => {
    const [first, second] = await run("first", "second");
    const held = (instance: Instance | undefined) =>
      cluster.shards.map((shard) => instance?.slotsOf(shard).length);
    const half = SLOTS / cluster.shards.length / 2;
    await until(() => [first, second].every((one) => held(one).every((count) => count === half)));
    await first?.stop();
    await until(() => held(second).every((count) => count === half * 2));
    await second?.stop();
    const owners = await Promise.all(
      cluster.shards.map(({ sql }) => sql`select owner from slots where owner is not null`),
    );
    expect(owners.flat()).toEqual([]);
  });
});

describe("handing over", () => {
  test("in the middle of a backlog loses nothing: every command is decided once, in order (I1, I7, I15)", async () => {
    const lots = await Promise.all(Array.from({ length: SLOTS }, (_, slot) => openAuction(slot)));
    const rounds = 1_500;
    for (let round = 0; round < rounds; round++) {
      const sent = lots.map((lot) =>
        cluster.append(lot, [bidCommand("alice", `k-${round}`, 1_000 + round * 100)]),
      );
      if (round % 50 === 0) await Promise.all(sent);
    }
    const first = await cluster.startInstance("works-off");
    await until(() => cluster.results.length > SLOTS * 100);
    const second = await cluster.startInstance("joins");
    instances = [first, second];
    // A result may be published again after the handover, so auctions are counted and not results.
    const finished = () => cluster.results.filter((result) => result.live?.version === rounds + 1);
    await until(() => new Set(finished().map(({ auctionId }) => auctionId)).size === SLOTS);
    for (const lot of lots) {
      const decided = (await decisionsOf(lot)).slice(1);
      expect(decided.map((row) => row["key"])).toEqual(
        Array.from({ length: rounds }, (_, round) => `k-${round}`),
      );
      expect(decided.every((row) => row["outcome"] === "accepted")).toBe(true);
    }
    await stopAll();
  });
});

describe("results", () => {
  test("what a crash left unpublished, the next owner publishes: the same outcomes, and the newest state (I1)", async () => {
    await run("crashes-after-commit");
    const auctionId = await openAuction();
    await cluster.append(auctionId, [bidCommand("alice", "a", 1_000), bidCommand("bob", "b", 1_050)]);
    await cluster.append(auctionId, [bidCommand("bob", "c", 1_100), bidCommand("alice", "a", 1_000)]);
    await cluster.result((result) => result.auctionId === auctionId && result.to === 3);
    await stopAll();
    const before = cluster.results.filter((result) => result.auctionId === auctionId);
    cluster.results.length = 0;
    await cluster.home(auctionId).sql`update slots set published_seq = 0`;

    await run("publishes-again");
    await until(
      () => cluster.results.filter((result) => result.auctionId === auctionId).length === before.length,
    );
    const after = cluster.results.filter((result) => result.auctionId === auctionId);
    expect(after.map((result) => result.outcomes)).toEqual(before.map((result) => result.outcomes));
    expect(after.map(({ seq, origin, envelopeId }) => ({ seq, origin, envelopeId }))).toEqual(
      before.map(({ seq, origin, envelopeId }) => ({ seq, origin, envelopeId })),
    );
    expect(after[0]).toMatchObject({ from: 0, to: 3, live: before.at(-1)?.live });
    expect(after[0]?.events).toEqual(before.flatMap((result) => result.events));
    await stopAll();
  });

  test("a key is remembered beyond memory: after a restart a retry gets its first outcome, another body is refused (I9)", async () => {
    await run("remembers");
    const auctionId = await openAuction();
    await cluster.append(auctionId, [bidCommand("alice", "a", 1_000)]);
    const first = outcomeAt(
      await cluster.result((result) => result.outcomes.some((outcome) => outcome?.key === "a")),
      0,
    );
    await stopAll();
    await run("looks-it-up");
    await cluster.append(auctionId, [bidCommand("alice", "a", 1_000), bidCommand("alice", "a", 2_000)]);
    const again = await cluster.result(
      (result) => result.auctionId === auctionId && result.outcomes.length === 2,
    );
    expect(outcomeAt(again, 0)).toEqual({ ...first, duplicate: true });
    expect(outcomeAt(again, 1)).toMatchObject({ outcome: "rejected", reason: "idempotency_key_reused" });
    await stopAll();
  });
});

describe("poison", () => {
  const deadLetters = async (slot: number) =>
    (
      await Promise.all(
        cluster.shards.map(
          ({ sql }) => sql`select reason, seq from dead_letters where slot = ${slot} order by seq`,
        ),
      )
    ).flat();

  test("what cannot be read is parked, and the rest is decided (I13)", async () => {
    await run("reads");
    const auctionId = await openAuction();
    const seq = await cluster.append(auctionId, [], { raw: "not json" });
    await cluster.append(auctionId, [{ type: "bid", bidderId: "a.b" }, bidCommand("alice", "a", 1_000)]);
    await cluster.result((result) => result.auctionId === auctionId && result.to === 2);
    expect(await decisionsOf(auctionId)).toMatchObject([
      { kind: "create", outcome: "accepted" },
      { kind: "unreadable", outcome: "rejected" },
      { kind: "unreadable", outcome: "rejected" },
      { kind: "bid", outcome: "accepted", bidder_id: "alice" },
    ]);
    const parked = await deadLetters(slotOf(auctionId, SLOTS));
    expect(parked).toMatchObject([{ reason: "unreadable_envelope" }, { reason: "unreadable_command" }]);
    expect(Number(parked[0]?.["seq"])).toBe(seq);
    await stopAll();
  });
});

describe("idle slots", () => {
  test("follow the stream's tail, so that nothing old has to be kept or read for them", async () => {
    await run("follows");
    const auctionId = await openAuction(0);
    const seq = await cluster.append(auctionId, [bidCommand("alice", "a", 1_000)]);
    await cluster.result((result) => result.auctionId === auctionId && result.to === 2);
    const idleBehind = () =>
      Promise.all(
        cluster.shards.map(({ sql }) => sql`select slot from slots where slot < 4 and applied_seq < ${seq}`),
      );
    await until(async () => (await idleBehind()).flat().length === 0);
    await stopAll();
  });
});
