import { type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "nats";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import type { AuctionView } from "../../shared/auctions.ts";
import { slotOf } from "../../shared/slots.ts";
import { commandStream, DEFAULT_STREAMS, streamOf } from "../../shared/subjects.ts";
import { runInProcess } from "../infra/ops/run-in-process.ts";
import {
  createAuction,
  type Edge,
  edgeOf,
  placeBid,
  type Reply,
  request,
  tokenFor,
} from "../support/client.ts";
import { readLedger } from "../support/ledger.ts";
import { useStack } from "../support/stack.ts";
import { cutLog, endOfLog, flipBit } from "./log-damage.ts";

const SLOTS = 64;
const stack = useStack({ cores: 2, onDeath: () => {} });

let edge: Edge;
let token: string;
/** On COMMANDS-0, whose log is damaged, and on COMMANDS-1, which never notices. */
let damaged: AuctionView;
let whole: AuctionView;
let amount = 1_000;
beforeAll(async () => {
  edge = edgeOf(stack());
  token = await tokenFor(edge, "alice", "bidder");
  [damaged, whole] = [await auctionOn(0), await auctionOn(1)];
});

async function auctionOn(stream: number): Promise<AuctionView> {
  for (;;) {
    const auction = await createAuction(edge);
    if (streamOf(slotOf(auction.id, SLOTS), DEFAULT_STREAMS) === stream) return auction;
  }
}

type Queued = Reply & { readonly key: string; readonly amount: number };

/** A bid that is higher than all before, with a key of its own. */
async function bid(
  auction: AuctionView,
  prefer = "wait=5",
): Promise<Reply & { key: string; amount: number }> {
  const key = crypto.randomUUID();
  amount += 100;
  return { ...(await placeBid(edge, auction.id, { token, key, amount, prefer })), key, amount };
}

const stopCores = () => Promise.all(stack().core.map((core) => core.stop()));
const startCores = () => Promise.all(stack().core.map((core) => core.start()));
const ops = (...words: string[]) => runInProcess(words, { LASTCALL_DATA: stack().data });
const readyz = async (core = stack().core[0]) => {
  const reply = await fetch(`${core?.metrics}/readyz`);
  return { status: reply.status, ...((await reply.json()) as { halted: Record<string, string> }) };
};

async function until(isSo: () => Promise<boolean>, timeoutMs = 15_000): Promise<void> {
  for (const deadlineMs = Date.now() + timeoutMs; !(await isSo());) {
    if (Date.now() > deadlineMs) throw new Error(`not within ${timeoutMs} ms: ${String(isSo)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** NATS is gone and comes back on what `damage` has left of its files. */
async function restartNats(how: "stop" | "kill", damage: () => Promise<void>): Promise<void> {
  await stack().nats[how]();
  await damage();
  await stack().nats.start();
  await until(async () => (await bid(whole, "respond-async")).status === 202);
}

/** The slot says why it stands still wherever an operator looks, and only slots of its stream do (I13). */
async function expectHalted(reason: RegExp): Promise<void> {
  const slot = slotOf(damaged.id, SLOTS);
  await until(async () => (await readyz()).halted[slot] !== undefined);
  const { status, halted } = await readyz();
  expect(status).toBe(503);
  expect(halted[slot]).toMatch(reason);
  expect(Object.keys(halted).every((one) => streamOf(Number(one), DEFAULT_STREAMS) === 0)).toBe(true);
  const metrics = await (await fetch(`${stack().core[0]?.metrics}/metrics`)).text();
  expect(Number(/^lastcall_halted_slots(?:\{[^}]*\})? (\d+)/m.exec(metrics)?.[1])).toBeGreaterThan(0);
  await until(async () => (await ops("slots", "--halted", "--json")).stdout.includes(halted[slot] ?? "?"));
  process.exitCode = undefined; // `--halted` sets it for scripts.
  expect((await bid(whole)).status).toBe(201);
}

/** A bid on a halted slot is never said to be accepted: the stream has it (202), or it is not queued (503). */
async function expectHonestEdge(): Promise<Queued> {
  const reply = await bid(damaged, "wait=1");
  expect(reply.status).toBe(202);
  expect(reply.body).toMatchObject({ outcome: "pending" });
  return reply;
}

async function adopt(): Promise<string> {
  const dry = await ops("slots", "adopt-stream", "--all", "--dry-run");
  expect(dry).toMatchObject({ ok: true, stderr: "" });
  expect((await readyz()).status).toBe(503);
  const run = await ops("slots", "adopt-stream", "--all", "--yes");
  expect(run).toMatchObject({ ok: true, stderr: "" });
  expect(run.stdout.startsWith(dry.stdout.trim())).toBe(true);
  for (const core of stack().core) await until(async () => (await readyz(core)).status === 200);
  const slot = slotOf(damaged.id, SLOTS);
  const about = run.stdout.slice(run.stdout.indexOf(`slot ${slot} on shard`));
  return about.slice(0, about.indexOf("\nslot "));
}

const retry = ({ key, amount: same }: Queued) => placeBid(edge, damaged.id, { token, key, amount: same });
const place = ({ body }: Reply) => ({ seq: body["seq"], index: body["index"], version: body["version"] });

/** Bids go on; what was decided before has its first answer; versions have no gap, and nothing is decided twice (I1, I3, I9). */
async function expectGoesOn(first: Queued): Promise<void> {
  const next = await bid(damaged);
  expect(next.status).toBe(201);
  expect(Number(next.body["seq"])).toBeGreaterThan(Number(first.body["seq"]));
  const again = await retry(first);
  expect(again.status).toBe(201);
  expect(place(again)).toEqual(place(first));
  const { bids } = await readLedger(stack().info.shards);
  const own = bids.filter(({ auctionId }) => auctionId === damaged.id);
  expect(new Set(own.map(({ key }) => key)).size).toBe(own.length);
  const accepted = own.filter(({ outcome }) => outcome === "accepted").map(({ version }) => version);
  expect(accepted).toEqual(accepted.map((_, i) => (accepted[0] ?? 0) + i));
  const shown = await request(edge, `/v1/auctions/${damaged.id}?minVersion=${accepted.at(-1)}`);
  expect(shown.body["version"]).toBe(accepted.at(-1));
}

/** The stream has it; nobody reads it for now. */
async function queue(): Promise<Queued> {
  const reply = await bid(damaged, "respond-async");
  expect(reply.status).toBe(202);
  return reply;
}

async function accept(): Promise<Queued> {
  const reply = await bid(damaged);
  expect(reply.status).toBe(201);
  return reply;
}

/** What was queued is decided once, by whoever asks for it again with its key. */
async function expectDecided(...queued: readonly Queued[]): Promise<void> {
  for (const one of queued) {
    const reply = await retry(one);
    expect(reply.status).toBe(201);
  }
}

async function onStream<T>(work: (jsm: JetStreamManager) => Promise<T>): Promise<T> {
  const nc = await connect({ servers: stack().info.nats });
  try {
    return await work(await jetstreamManager(nc));
  } finally {
    await nc.close();
  }
}

const lastSeq = () => onStream(async (jsm) => (await jsm.streams.info(commandStream(0))).state.last_seq);

afterEach(async () => {
  for (const core of stack().core) expect((await readyz(core)).halted).toEqual({});
});

describe("while the cores are down", () => {
  test("a stream that was made anew halts the slots that had read it, until it is adopted (I13)", async () => {
    const first = await accept();
    await stopCores();
    await onStream((jsm) => jsm.streams.delete(commandStream(0)));
    await startCores();
    await expectHalted(/COMMANDS-0 is another stream/);
    const waiting = await expectHonestEdge();
    const about = await adopt();
    expect(about).toMatch(/not the log that was applied/);
    expect(about).toMatch(/decided envelopes? not in the log any more/);
    expect(about).toMatch(/unread +1 message since/);
    await expectDecided(waiting);
    await expectGoesOn(first);
  });

  test("unread messages that the log has lost from its end halt the slots below them, though its sequences go on (I13)", async () => {
    const first = await accept();
    await stopCores();
    const kept = await queue();
    const end = await endOfLog(stack(), 0);
    const lost = [await queue(), await queue()];
    await restartNats("stop", () => cutLog(stack(), 0, end));
    await startCores();
    await expectHalted(/COMMANDS-0 has lost what it had from \d+ to \d+/);
    const waiting = await expectHonestEdge();
    const about = await adopt();
    const seqs = lost.map(({ body }) => Number(body["seq"]));
    expect(about).toContain(
      `${seqs[0]} to ${seqs[1]} of the stream: bids acknowledged there for this slot are LOST`,
    );
    expect(about).toMatch(/gone +nothing/);
    expect(about).toMatch(/unread +2 messages since/);
    await expectDecided(kept, waiting);
    await expectGoesOn(first);
  });

  test("an unread message that the server cannot read any more is not passed over (I13)", async () => {
    const first = await accept();
    await stopCores();
    const before = await queue();
    const start = await endOfLog(stack(), 0);
    const broken = await queue();
    const behind = await queue();
    await restartNats("stop", () => flipBit(stack(), 0, start));
    await startCores();
    await expectHalted(/COMMANDS-0 has lost what it had/);
    const about = await adopt();
    expect(about).toContain(`${Number(broken.body["seq"])} of the stream: bids acknowledged there`);
    expect(about).toMatch(/unread +2 messages since/);
    await expectDecided(before, behind);
    await expectGoesOn(first);
  });

  test("a log that went backwards and has been overtaken by new messages is not the log that was applied (I13)", async () => {
    const first = await accept();
    const end = await endOfLog(stack(), 0);
    const gone = [await accept(), await accept()];
    await stopCores();
    const before = await lastSeq();
    await restartNats("kill", () => cutLog(stack(), 0, end));
    expect(await lastSeq()).toBeLessThan(before);
    const overtaking: Queued[] = [];
    while ((await lastSeq()) <= before) overtaking.push(await queue());
    await startCores();
    await expectHalted(/message \d+ of COMMANDS-0 is (stamped|not the one)/);
    const about = await adopt();
    expect(about).toMatch(/not the log that was applied/);
    expect(about).toMatch(/gone +\d+ decided envelopes not in the log any more/);
    expect(about).toContain(`${overtaking.length} messages since`);
    await expectDecided(...gone, ...overtaking);
    await expectGoesOn(first);
  });

  test("messages that were purged before they were read halt the slot (I13)", async () => {
    const first = await accept();
    await stopCores();
    const purged = await queue();
    const seq = Number(purged.body["seq"]) + 1;
    await onStream((jsm) => jsm.streams.purge(commandStream(0), { seq }));
    const kept = await queue();
    await startCores();
    await expectHalted(/COMMANDS-0 begins at \d+, above/);
    const about = await adopt();
    expect(about).toMatch(new RegExp(`lost +(\\d+ to )?${seq - 1} of the stream`));
    await expectDecided(kept);
    await expectGoesOn(first);
  });
});

describe("while the cores run", () => {
  test("a log that lost its end halts the slots that had applied it (I13)", async () => {
    const first = await accept();
    const end = await endOfLog(stack(), 0);
    const gone = await accept();
    await restartNats("kill", () => cutLog(stack(), 0, end));
    await expectHalted(/COMMANDS-0 ends at \d+, below/);
    const waiting = await expectHonestEdge();
    const about = await adopt();
    expect(about).toMatch(/gone +1 decided envelope not/);
    await expectDecided(gone, waiting);
    await expectGoesOn(first);
  });

  test("a flipped bit behind which the server has forgotten everything halts the slots that had applied it (I13)", async () => {
    const first = await accept();
    const start = await endOfLog(stack(), 0);
    const gone = [await accept(), await accept()];
    await restartNats("kill", () => flipBit(stack(), 0, start));
    await expectHalted(/COMMANDS-0 ends at \d+, below/);
    const about = await adopt();
    expect(about).toMatch(/gone +2 decided envelopes not/);
    await expectDecided(...gone);
    await expectGoesOn(first);
  });

  test("a stream that was made anew, and has outgrown the one before, halts the slots that had read it (I13)", async () => {
    const first = await accept();
    const { config, state } = await onStream((jsm) => jsm.streams.info(commandStream(0)));
    const metadata = { "lastcall-stream-id": crypto.randomUUID() };
    await onStream(async (jsm) => {
      await jsm.streams.delete(commandStream(0));
      await jsm.streams.add({ ...config, metadata, first_seq: state.last_seq + 100 });
    });
    await expectHalted(/COMMANDS-0 is another stream/);
    const waiting = await expectHonestEdge();
    await adopt();
    await expectDecided(waiting);
    await expectGoesOn(first);
  });
});
