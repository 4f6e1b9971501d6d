import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { connectShard, type Shard } from "../../../core/shards/connect.ts";
import { migrateShards } from "../../../core/shards/migrate.ts";
import { createTopology } from "../../../core/shards/topology.ts";
import { startStack } from "../../../infra/local/stack.ts";
import type { RunningStack } from "../../../infra/local/stack-types.ts";
import { slotOf } from "../../../shared/slots.ts";

const SLOTS = 4;
let data: string;
let stack: RunningStack;
let first: Shard;
let second: Shard;

beforeAll(async () => {
  data = await mkdtemp(path.join(tmpdir(), "lastcall-topology-"));
  stack = await startStack({ data, serversOnly: true });
  await migrateShards(stack.info.shards, { slots: SLOTS });
  [first, second] = stack.info.shards.map(connectShard) as [Shard, Shard];
}, 60_000);
afterAll(async () => {
  await Promise.all([first, second].map(({ sql }) => sql.end()));
  await stack.stop();
  await rm(data, { recursive: true, force: true });
}, 30_000);
beforeEach(async () => {
  for (const [number, { sql }] of [first, second].entries()) {
    await sql`delete from slots where slot % 2 <> ${number}`;
    await sql`update slots set role = 'active', epoch = 0`;
  }
});

const homes = (topology: ReturnType<typeof createTopology>): (number | undefined)[] =>
  Array.from({ length: SLOTS }, (_, slot) => topology.shardOfSlot(slot)?.number);

test("a slot lives on the shard that has it active, and an auction where its slot does", async () => {
  const topology = createTopology([first, second], SLOTS);
  expect(homes(topology)).toEqual([undefined, undefined, undefined, undefined]);
  await topology.refresh();
  expect(homes(topology)).toEqual([0, 1, 0, 1]);
  for (const id of ["a", "b", "c"]) expect(topology.shardOf(id)?.number).toBe(slotOf(id, SLOTS) % 2);
});

test("a slot that moves is followed, and lives nowhere while it is sealed", async () => {
  const topology = createTopology([first, second], SLOTS);
  await topology.refresh();
  await second.sql`insert into slots (slot, role) values (2, 'shadow')`;
  await topology.refresh();
  expect(homes(topology)).toEqual([0, 1, 0, 1]);
  await first.sql`update slots set role = 'sealed' where slot = 2`;
  await topology.refresh();
  expect(homes(topology)).toEqual([0, 1, undefined, 1]);
  await second.sql`update slots set role = 'active', epoch = 2 where slot = 2`;
  await topology.refresh();
  expect(homes(topology)).toEqual([0, 1, 1, 1]);
});

test("of two shards that seem to have a slot, the one with the higher epoch has it", async () => {
  await first.sql`update slots set epoch = 4 where slot = 2`;
  await second.sql`insert into slots (slot, role, epoch) values (2, 'active', 5)`;
  for (const shards of [
    [first, second],
    [second, first],
  ]) {
    const topology = createTopology(shards, SLOTS);
    await topology.refresh();
    expect(topology.shardOfSlot(2)).toBe(second);
  }
});

test("a shard that does not answer is named, keeps what it had, and does not hide the others' news", async () => {
  const lost = connectShard(stack.info.shards[0] ?? "", 0);
  const topology = createTopology([lost, second], SLOTS);
  await topology.refresh();
  await lost.sql.end();
  await second.sql`update slots set role = 'sealed' where slot = 3`;
  await expect(topology.refresh()).rejects.toMatchObject({
    message: "no answer from shard 0",
    retryable: true,
  });
  expect(homes(topology)).toEqual([0, 1, 0, undefined]);
});
