import { jetstream } from "@nats-io/jetstream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MAX_PARKED_BYTES } from "../../../../core/sequencer/refusals/dead-letter.ts";
import { MAX_COMMANDS_PER_ENVELOPE } from "../../../../shared/commands.ts";
import { auctionIdFor } from "../../../../shared/ids.ts";
import { outcomeAt } from "../../../../shared/results.ts";
import { slotOf } from "../../../../shared/slots.ts";
import { WIRE_VERSION } from "../../../../shared/wire-version.ts";
import { create, sam } from "../../../support/builders.ts";
import { englishTerms } from "../../../support/client.ts";
import { bidCommand, type SequencerCluster, SLOTS, startSequencerCluster, until } from "../cluster.ts";

const KEY = "a-lot";
const auctionId = auctionIdFor(sam, KEY);
const slot = slotOf(auctionId, SLOTS);

let cluster: SequencerCluster;
let bids = 0;
beforeAll(async () => {
  cluster = await startSequencerCluster();
  await cluster.startInstance("parks");
  await cluster.append(auctionId, [create(englishTerms(), KEY)]);
}, 60_000);
afterAll(async () => cluster.close(), 30_000);

/** A bid behind whatever came before is answered: the slot goes on. */
async function expectOnward(): Promise<void> {
  const key = `onward-${++bids}`;
  const seq = await cluster.append(auctionId, [bidCommand("alice", key, bids * 100_000)]);
  const result = await cluster.result((one) => one.auctionId === auctionId && one.seq === seq);
  expect(outcomeAt(result, 0)).toMatchObject({ outcome: "accepted", key });
}

const letters = () =>
  cluster.home(auctionId).sql<
    { seq: string; subject: string; reason: string; detail: string; bytes: number }[]
  >`
    select seq, subject, reason, detail, octet_length(payload) as bytes from dead_letters where slot = ${slot} order by seq`;

async function parked(subject: string, data: string | Uint8Array) {
  const { seq } = await jetstream(cluster.nc).publish(subject, data);
  await until(async () => (await letters()).some((letter) => Number(letter.seq) === seq));
  await expectOnward();
  const letter = (await letters()).find((one) => Number(one.seq) === seq);
  if (letter === undefined) throw new Error("the letter is gone");
  return letter;
}

const subject = `commands.${slot}.${auctionId}`;
const head = { v: WIRE_VERSION, id: "odd", origin: "" };
const envelope = (commands: string): string =>
  `${JSON.stringify(head).slice(0, -1)},"commands":[${commands}]}`;
const bid = (body: string): string => `{"type":"bid","bidderId":"bob","key":"odd","body":${body}}`;
const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);

describe("a message that is none of ours is parked, and its slot goes on (I13)", () => {
  test.each([
    ["an empty message", "", "unreadable_envelope"],
    ["invalid UTF-8", Uint8Array.of(0x7b, 0xff, 0xfe, 0x7d), "unreadable_envelope"],
    ["NULs", "\0\0\0", "unreadable_envelope"],
    ["JSON nested 5,000 deep", nested(5_000), "unreadable_envelope"],
    ["JSON nested 400,000 deep", nested(400_000), "unreadable_envelope"],
    ["a command nested 5,000 deep", envelope(nested(5_000)), "unreadable_command"],
    ["a body nested 5,000 deep", envelope(bid(`{"amount":${nested(5_000)}}`)), "unreadable_command"],
    ["a number beyond all numbers", envelope(bid(`{"amount":1e400}`)), "unreadable_command"],
    ["a number of 100,000 digits", envelope(bid(`{"amount":${"9".repeat(100_000)}}`)), "unreadable_command"],
    ["a prototype for a body", envelope(bid(`{"__proto__":{"amount":5000}}`)), "unreadable_command"],
    ["half a surrogate in a key", envelope(bid("{}").replace("odd", "\\ud800")), "unreadable_command"],
    ["no commands", envelope(""), "unreadable_envelope"],
    [
      "one command too many",
      envelope(Array.from({ length: MAX_COMMANDS_PER_ENVELOPE + 1 }, () => bid("{}")).join()),
      "unreadable_envelope",
    ],
  ])("%s", async (_, data, reason) => {
    const letter = await parked(subject, data);
    expect(letter).toMatchObject({ reason, subject });
    expect(letter.detail.length).toBeLessThanOrEqual(2_000);
    expect(letter.detail).not.toContain("\0");
  });

  test("close to the largest that NATS carries: the beginning is kept, and how long it was", async () => {
    const bytes = 1_000_000;
    const letter = await parked(subject, envelope(`"${"x".repeat(bytes)}"`));
    expect(letter.bytes).toBe(MAX_PARKED_BYTES);
    expect(letter.detail).toMatch(/^the first 262144 of 1000\d{3} bytes are kept; /);
  });

  test.each(["with a\0NUL", "ünïcode", "x".repeat(500)])("under a subject like %j", async (token) => {
    const letter = await parked(
      `commands.${slot}.${token.replaceAll(" ", "-")}`,
      envelope(bid(`{"amount":5}`)),
    );
    expect(letter).toMatchObject({ reason: "unreadable_envelope", detail: "the subject names no auction" });
    expect(letter.subject).not.toContain("\0");
  });
});

test("of a field that comes twice the last counts, and only that is stored", async () => {
  const twice = envelope(bid(`{"amount":1,"amount":90000000}`));
  const { seq } = await jetstream(cluster.nc).publish(subject, twice);
  const result = await cluster.result((one) => one.auctionId === auctionId && one.seq === seq);
  expect(outcomeAt(result, 0)).toMatchObject({ outcome: "accepted" });
  const [row] = await cluster.home(auctionId)
    .sql`select amount from bids where auction_id = ${auctionId} and seq = ${seq}`;
  expect(Number(row?.["amount"])).toBe(90_000_000);
});

test("ten thousand unreadable messages hold up nobody in their slot, and the log does not repeat itself (I13, I14)", async () => {
  const flood = 10_000;
  cluster.logged.length = 0;
  const js = jetstream(cluster.nc);
  let worstMs = 0;
  bids = 10_000;
  for (let sent = 0; sent < flood; sent += 1_000) {
    const some = Array.from({ length: 1_000 }, (_, i) => js.publish(subject, `poison ${sent + i}`));
    const startedMs = Date.now();
    await expectOnward();
    worstMs = Math.max(worstMs, Date.now() - startedMs);
    await Promise.all(some);
  }
  const { sql } = cluster.home(auctionId);
  const count = () => sql`select 1 from dead_letters where detail like '%poison%' having count(*) = ${flood}`;
  await until(async () => (await count()).length === 1);
  expect(worstMs).toBeLessThan(5_000);
  expect(cluster.logged.length).toBeLessThan(20);
}, 60_000);
