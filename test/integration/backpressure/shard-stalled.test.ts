import { execFileSync } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import postgres from "postgres";
import { afterAll, expect, test } from "vitest";
import { DEFAULT_SLOTS, slotOf } from "../../../shared/slots.ts";
import type { TermsOf } from "../../../shared/terms.ts";
import {
  createAuction,
  edgeOf,
  englishTerms,
  openLive,
  placeBid,
  request,
  tokenFor,
} from "../../support/client.ts";
import { useStack } from "../../support/stack.ts";
import { sendCrowd } from "./crowd.ts";
import { eventually } from "../../support/eventually.ts";
import { expectNothingLost } from "./expect-nothing-lost.ts";
import { expectHonestRefusals, fillGateway } from "./fill-gateway.ts";
import { expectUnimpressed, report } from "./latencies.ts";
import { familyOf, residentMb, whileStopped } from "./processes.ts";
import { startSteadyBidders } from "./steady-bidders.ts";

const HEALTHY = 0;
const STALLED = 1;
/** While the other shard stands still. */
const CLOSES_IN_MS = 3_000;
/** What the backlog budget and the caches may cost at most while a shard stands still. */
const CORE_MAY_GROW_MB = 200;
/** A fresh cluster, its log, and some room. */
const SMALL_DISK = "size=220m,mode=0755";

const disk = mountSmallDisk();
const deaths: string[] = [];
// Registered first, so that it runs last: the shard has to stop before its disk goes.
afterAll(() => {
  if (disk === undefined) return;
  execFileSync("umount", ["--lazy", disk]);
  rmSync(disk, { recursive: true, force: true });
});
const stack = useStack({
  cores: 1,
  shards: 2,
  restart: true,
  onDeath: (part) => deaths.push(part),
  ...(disk === undefined
    ? {}
    : {
        postgresFolder: (shard) => (shard === STALLED ? path.join(disk, "data") : undefined),
        postgresSettings: { min_wal_size: "32MB", max_wal_size: "64MB", shared_buffers: "64MB" },
      }),
});
/** Undefined where mounting is not allowed. */
function mountSmallDisk(): string | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const folder = mkdtempSync(path.join(tmpdir(), "lastcall-small-disk-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", SMALL_DISK, "tmpfs", folder], { stdio: "ignore" });
    return folder;
  } catch {
    rmSync(folder, { recursive: true });
    return undefined;
  }
}

/** A new auction of that shard. */
async function lotOn(shard: number, terms?: TermsOf<"english">): Promise<string> {
  const sql = postgres(stack().info.shards[shard] ?? "", { max: 1 });
  const rows = await sql<{ slot: number }[]>`select slot from slots where role = 'active'`;
  await sql.end();
  const slots = new Set(rows.map(({ slot }) => slot));
  for (;;) {
    const { id } = await createAuction(edgeOf(stack()), terms === undefined ? {} : { terms });
    if (slots.has(slotOf(id, DEFAULT_SLOTS))) return id;
  }
}

test("a shard that stands still holds up its own auctions only, says so, and catches up when it is back (I1, I12, I14)", async () => {
  const edge = edgeOf(stack());
  const [healthy, stalled] = [await lotOn(HEALTHY), await lotOn(STALLED)];
  const token = await tokenFor(edge, "alice", "bidder");
  const steady = await startSteadyBidders(edge, healthy);
  const before = await steady.measure(2_500);
  const corePid = stack().info.pids.core[0] ?? null;
  const coreBeforeMb = residentMb(corePid);
  const postmaster = stack().info.pids.postgres[STALLED] ?? 0;
  const closing = await lotOn(HEALTHY, englishTerms({ endsAt: Date.now() + CLOSES_IN_MS }));
  const closingLive = await openLive(edge, closing);

  const { full, during, location } = await whileStopped(familyOf(postmaster), async () => {
    const pending = await placeBid(edge, stalled, { token, amount: 1_000, prefer: "wait=1" });
    expect(pending).toMatchObject({ status: 202, body: { outcome: "pending" } });
    const full = await fillGateway(edge, stalled, token);
    const during = await steady.measure(2_500);
    // The end of an auction on the other shard does not wait for this one.
    await closingLive.until((frame) => frame.type === "update" && frame.status === "closed", 3_000);
    return { full, during, location: pending.headers.get("location") ?? "" };
  });
  const backMs = performance.now();
  const allAnswered = await full.answered(10_000);
  const coreDuringMb = residentMb(corePid);
  report("a shard that stood still", {
    refused: full.refused().length,
    drainedMs: Math.round(performance.now() - backMs),
    coreMb: [coreBeforeMb, coreDuringMb],
  });
  expect(allAnswered, "something waits still").toBe(true);
  expectHonestRefusals(full.refusal, full.refused());
  expectUnimpressed("bidders of the other shard", { before, during });
  expect(coreDuringMb - coreBeforeMb).toBeLessThan(CORE_MAY_GROW_MB);
  expect(await request(edge, location)).toMatchObject({ status: 200, body: { outcome: "accepted" } });
  expect(await placeBid(edge, stalled, { token, amount: 990_000 })).toMatchObject({ status: 201 });
  await steady.stop();
  await expectNothingLost(stack().info, {
    auctionIds: [healthy, stalled, closing],
    told: [...steady.told, ...full.told()],
  });
  full.close();
  await closingLive.close();
});

test("a shard whose disk is full is retried until there is room, and never takes its bids for bad data (I1, I14)", async ({
  skip,
}) => {
  if (disk === undefined) return skip("mounting a small disk needs root");
  const edge = edgeOf(stack());
  const [healthy, stalled] = [await lotOn(HEALTHY), await lotOn(STALLED)];
  const token = await tokenFor(edge, "alice", "bidder");
  const steady = await startSteadyBidders(edge, healthy);
  const before = await steady.measure(2_000);

  const ballast = path.join(disk, "ballast");
  fillDisk(ballast);
  // Fewer than the gateway holds undecided: the bid after them is to wait, too.
  const crowd = await sendCrowd(edge, stalled, { name: "late", bidders: 6, bidsEach: 1_500 });
  let during;
  try {
    expect(await eventually(noticed, (full) => full), "the disk is not full").toBe(true);
    // What Postgres has given back meanwhile.
    fillDisk(ballast);
    during = await steady.measure(2_500);
    expect(crowd.told.length + crowd.refused.length, "nothing waits for the disk").toBeLessThan(crowd.sent);
    const pending = await placeBid(edge, stalled, { token, amount: 900_000, prefer: "wait=1" });
    expect(pending).toMatchObject({ status: 202, body: { outcome: "pending" } });
  } finally {
    rmSync(ballast);
  }
  const roomMs = performance.now();
  const allAnswered = await crowd.answered(10_000);
  report("a shard with a full disk", {
    drainedMs: Math.round(performance.now() - roomMs),
    restarted: deaths,
  });
  expect(allAnswered, "something waits still").toBe(true);
  expectUnimpressed("bidders of the other shard", { before, during });
  await steady.stop();
  await expectNothingLost(stack().info, {
    auctionIds: [healthy, stalled],
    told: [...steady.told, ...crowd.told],
  });
  expect(await deadLetters()).toBe(0);
  crowd.close();
});

function fillDisk(file: string): void {
  const descriptor = openSync(file, "a");
  for (const size of [1_048_576, 4_096]) {
    const chunk = Buffer.alloc(size, 1);
    try {
      for (;;) if (writeSync(descriptor, chunk) < size) break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
    }
  }
  closeSync(descriptor);
}

async function noticed(): Promise<boolean> {
  const log = path.join(stack().data, "logs", `postgres-${STALLED}.log`);
  const text = existsSync(log) ? await readFile(log, "utf8") : "";
  return text.includes("No space left on device");
}

async function deadLetters(): Promise<number> {
  const sql = postgres(stack().info.shards[STALLED] ?? "", { max: 1 });
  const rows = await sql`select 1 from dead_letters`;
  await sql.end();
  return rows.length;
}
