import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Auction, stateOf } from "../../core/auction/auction.ts";
import { readMessage } from "../../core/sequencer/log/read-message.ts";
import { createSlotBook, type DecidedEnvelope, type SlotBook } from "../../core/sequencer/slot-book.ts";
import { toCommit } from "../../core/sequencer/to-commit.ts";
import { connectShard, type Shard } from "../../core/shards/connect.ts";
import type { Commit, PositionMove } from "../../core/shards/commit.ts";
import { migrateShards } from "../../core/shards/migrate.ts";
import { createStore, type Store } from "../../core/shards/store.ts";
import { startStack } from "../../infra/local/stack.ts";
import type { RunningStack } from "../../infra/local/stack-types.ts";
import { slotOf } from "../../shared/slots.ts";
import { commandSubject } from "../../shared/subjects.ts";
import { WIRE_VERSION } from "../../shared/wire-version.ts";
import { createDatabase, type Database, type Statements } from "./database.ts";
import { createRandom, type Random } from "./random.ts";
import { chooseCommand, chooseLots, createOf, type Lot } from "./workload.ts";
import { WORLD_START_MS } from "./world.ts";

const SLOTS = 8;
const STEPS = 250;
/** Of a lease that holds for the whole test, and of one that has run out when it is given. */
const LEASES_MS = [600_000, -600_000] as const;

let data: string;
let stack: RunningStack;
let shard: Shard;
beforeAll(async () => {
  data = await mkdtemp(path.join(tmpdir(), "lastcall-contract-"));
  stack = await startStack({ data, serversOnly: true, shards: 1 });
  await migrateShards(stack.info.shards, { slots: SLOTS });
  shard = connectShard(stack.info.shards[0] ?? "", 0);
}, 60_000);
afterAll(async () => {
  await shard.sql.end({ timeout: 1 });
  await stack.stop();
  await rm(data, { recursive: true, force: true });
}, 30_000);

/** The same operation on both; what it answered, in a form that can be compared. */
type Step = (store: Store | Statements) => unknown;

interface Story {
  readonly random: Random;
  readonly lots: readonly Lot[];
  readonly database: Database;
  readonly book: SlotBook;
  /** What was decided last of each slot, and is to be committed. */
  seq: number;
  keys: number;
}

test("the simulated shard answers every operation as Postgres does, refusals included (I1, I7)", async () => {
  const random = createRandom(20);
  const slots = Array.from({ length: SLOTS }, (_, slot) => slot);
  const database = createDatabase(0, { slots, now: () => Date.now() });
  const store = createStore(shard);
  const book = createSlotBook({
    loadAuctions: (ids) => Promise.resolve(database.statements.loadAuctions(ids)),
    loadKeys: (ids, page) => Promise.resolve(database.statements.loadKeys(ids, page)),
    loadDecisions: (wanted) => Promise.resolve(database.statements.loadDecisions(wanted)),
  });
  const story: Story = { random, lots: chooseLots(random), database, book, seq: 0, keys: 0 };
  const refusals = { fenced: 0, violated: 0 };
  for (let i = 0; i < STEPS; i++) {
    const step = await chooseStep(story);
    const [is, should] = [await answerOf(() => step(database.statements)), await answerOf(() => step(store))];
    expect(is, `step ${i}: ${step.toString()}`).toEqual(should);
    if (JSON.stringify(should).includes('"refused":"23505"')) refusals.violated++;
    if (/"fenced":\[\d/.test(JSON.stringify(should))) refusals.fenced++;
  }
  expect(refusals.fenced).toBeGreaterThan(5);
  expect(refusals.violated).toBeGreaterThan(2);
});

async function answerOf(run: () => unknown): Promise<unknown> {
  try {
    return comparable(await run());
  } catch (error) {
    return { refused: (error as { code?: string }).code };
  }
}

/** Rows as JSON: maps and sets as sorted lists, bytes as hex, auctions with their bidders and orders. */
function comparable(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value ?? null, (name, inner: unknown) => {
      // How many keys come with their auction is each store's own business; `loadKeys` has all of them.
      if (name === "keys" || name === "keysGoOn") return undefined;
      if (isBuffer(inner)) return inner.data;
      if (inner instanceof Set || inner instanceof Map) return sorted(inner);
      if (name === "auction" && isWhole(inner))
        return { ...stateOf(inner), bidders: sorted(inner.bidders), orders: sorted(inner.orders) };
      if (ArrayBuffer.isView(inner)) return [...(inner as Uint8Array)];
      return inner;
    }),
  );
}

/** What JSON makes of a buffer. */
const isBuffer = (value: unknown): value is { data: number[] } =>
  typeof value === "object" && value !== null && "type" in value && value.type === "Buffer";

const sorted = (rows: Iterable<unknown>): unknown[] =>
  [...rows].sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));

const isWhole = (value: unknown): value is Auction =>
  typeof value === "object" && value !== null && "bidders" in value && "orders" in value;

async function chooseStep(story: Story): Promise<Step> {
  const { random, lots, database } = story;
  const slot = random.whole(0, SLOTS - 1);
  const row = database.slots.get(slot);
  const epoch = (row?.epoch ?? 0) - (random.chance(0.2) ? 1 : 0);
  const instanceId = random.pick(["one", "two"]);
  const leaseMs = random.pick(LEASES_MS);
  const held = [{ slot, epoch, publishedSeq: random.whole(0, 20) }];
  const ids = lots.map(({ auctionId }) => auctionId);
  const wanted = [...database.log.values()].slice(0, 5).map(({ auctionId, seq }) => ({ auctionId, seq }));
  const events = [...database.outbox.keys()].slice(0, random.whole(0, 2));
  const limit = random.whole(1, 3);
  const steps: Step[] = [
    async (on) => {
      const claims = await on.claimSlots({ instanceId, limit, leaseMs, held: [slot] });
      return claims.toSorted((a, b) => a.slot - b.slot);
    },
    (on) => on.heartbeat({ instanceId, leaseMs, held }),
    (on) => on.releaseSlots(held),
    (on) => on.leaveShard(instanceId),
    (on) => on.hasCommitted({ slot, epoch, appliedSeq: row?.appliedSeq ?? 0 }),
    (on) => on.loadAuctions([...ids, "nowhere"]),
    (on) => on.loadKeys([...ids, "nowhere"], { afterSeq: 0, limit: 1_000 }),
    async (on) => (await on.loadDecisions(wanted)).toSorted((a, b) => a.seq - b.seq),
    (on) => on.unpublished(slot, { afterSeq: 0, limit: 50 }),
    (on) => on.dueAuctions([slot, (slot + 1) % SLOTS], WORLD_START_MS + 12_000),
    (on) => on.waitingEvents([...Array(SLOTS).keys()], 50),
    (on) => on.forgetEvents(events),
  ];
  if (random.chance(0.02)) return (on) => on.haltSlot({ slot, epoch, reason: "for a test" });
  if (random.chance(0.5)) return random.pick(steps);
  const commit = await chooseCommit(story, leaseMs);
  return random.chance(0.2) ? (on) => on.probeCommit(commit) : (on) => on.commitBatch(commit);
}

/** Some envelopes decided on one or two lots, under an epoch and at a position that are mostly right; sometimes once more. */
async function chooseCommit(story: Story, leaseMs: number): Promise<Commit> {
  const { random, lots, database } = story;
  const chosen = [random.pick(lots), random.pick(lots)];
  const bySlot = new Map<number, DecidedEnvelope[]>();
  for (const lot of new Set(chosen)) {
    const slot = slotOf(lot.auctionId, SLOTS);
    bySlot.set(slot, [...(bySlot.get(slot) ?? []), await decideOne(story, lot)]);
  }
  const committed = (): void => {};
  const batches = Array.from(bySlot, ([slot, decided]) => {
    const row = database.slots.get(slot);
    const move: PositionMove = {
      slot,
      epoch: (row?.epoch ?? 0) + (random.chance(0.15) ? 1 : 0),
      expectedSeq: (row?.appliedSeq ?? 0) - (random.chance(0.1) ? 1 : 0),
      appliedSeq: story.seq,
      appliedAt: WORLD_START_MS + story.seq,
      appliedId: `envelope-${story.seq}`,
      streamId: "of-the-test",
      publishedSeq: random.whole(0, story.seq),
    };
    const messages = decided.length;
    return {
      move,
      decided,
      deadLetters: [],
      messages,
      weight: messages,
      slot: { slot, take: () => undefined, committed, fenced: committed, refused: committed },
    };
  });
  const commit = toCommit(
    leaseMs,
    batches.sort((a, b) => a.move.slot - b.move.slot),
  );
  const old = [...database.log.values()].at(-1);
  // The same decision once more, as from somebody who does not know that it is stored.
  return old !== undefined && random.chance(0.08) ? { ...commit, log: [...commit.log, old] } : commit;
}

async function decideOne(story: Story, lot: Lot): Promise<DecidedEnvelope> {
  const { random, book } = story;
  const bidderId = `bidder-${random.whole(0, 5)}`;
  const isNew = !story.database.auctions.has(lot.auctionId);
  const commands = isNew
    ? [createOf(lot)]
    : Array.from({ length: random.whole(1, 3) }, () =>
        chooseCommand(lot, { bidderId, key: `k-${++story.keys}` }, random),
      );
  const seq = ++story.seq;
  const slot = slotOf(lot.auctionId, SLOTS);
  const envelope = { v: WIRE_VERSION, id: `envelope-${seq}`, origin: "test", commands };
  const message = readMessage({
    seq,
    atMs: WORLD_START_MS + seq * 20,
    subject: commandSubject(slot, lot.auctionId),
    data: new TextEncoder().encode(JSON.stringify(envelope)),
  });
  // Always from what is stored: some of what was decided before was refused.
  book.committed(seq);
  book.evict(Number.MAX_SAFE_INTEGER);
  await book.prepare([message]);
  return book.decide(message);
}
