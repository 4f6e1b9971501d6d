import { jetstreamManager } from "@nats-io/jetstream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Instance } from "../../../core/sequencer/instance.ts";
import { slotOf } from "../../../shared/slots.ts";
import { commandSubject } from "../../../shared/subjects.ts";
import type { CreateAuction } from "../../../shared/terms.ts";
import { type SequencerCluster, SLOTS, startSequencerCluster, until } from "../../core/sequencer/cluster.ts";
import {
  alice,
  bid,
  bob,
  carol,
  claim,
  create,
  manage,
  newKey,
  olga,
  proxyBid,
} from "../../support/builders.ts";
import { dropTerms, dutchTerms, englishTerms, sealedTerms } from "../../support/client.ts";
import { letterOffice, type LetterOffice } from "./letter-office.ts";
import { runInProcess } from "./run-in-process.ts";

let cluster: SequencerCluster;
let office: LetterOffice;
let instance: Instance;
let env: Record<string, string>;
beforeAll(async () => {
  cluster = await startSequencerCluster();
  office = letterOffice(cluster);
  instance = await cluster.startInstance("verified");
  const shards = cluster.shards.map(({ sql }) => {
    const { user, pass, host, port, database } = sql.options;
    return `postgres://${user}:${String(pass)}@${host[0]}:${port[0]}/${database}`;
  });
  env = { LASTCALL_SHARDS: shards.join(","), NATS_URL: cluster.nc.getServer() };
});
afterAll(async () => {
  await instance.stop();
  await cluster.close();
});

/** `npm run ops -- verify …`: what it says, and the code that it ends with. */
async function verify(...words: string[]): Promise<{ said: string; code: unknown }> {
  const { exitCode } = process;
  process.exitCode = undefined;
  try {
    const { ok, stdout, stderr } = await runInProcess(["verify", ...words], env);
    return { said: stdout + stderr, code: ok ? (process.exitCode ?? 0) : 1 };
  } finally {
    process.exitCode = exitCode;
  }
}

const end = (key = newKey()) => manage(olga, "operator", { action: "end", reason: "for the test" }, key);

/** An auction in the log, its envelopes one after the other, decided and committed. */
async function told(
  terms: CreateAuction,
  ...envelopes: unknown[][]
): Promise<{ auctionId: string; seqs: number[] }> {
  const auctionId = await office.open(terms);
  const seqs: number[] = [];
  for (const commands of envelopes) seqs.push(await cluster.append(auctionId, commands));
  const last = seqs.at(-1);
  await cluster.result((result) => result.auctionId === auctionId && result.seq === last);
  return { auctionId, seqs };
}

const anEnglish = () =>
  told(
    englishTerms(),
    [bid(alice, 1_000), bid(bob, 1_100)],
    [bid(carol, 1_050)],
    [proxyBid(carol, 9_000), bid(bob, 1_300)],
    [bid(alice, 1_350)],
    [end()],
  );

const sqlOf = (auctionId: string) => cluster.home(auctionId).sql;

describe("ops verify finds nothing", () => {
  test("in what the sequencer has written, in any format, from the shards and from the log (I2)", async () => {
    await anEnglish();
    const { auctionId } = await told(
      sealedTerms({ reservePrice: 500 }),
      [bid(alice, 2_000, "a"), bid(alice, 2_000, "a"), bid(alice, 2_001, "a"), null],
      [
        bid(bob, 3_000),
        manage(bob, "bidder", { action: "cancel", reason: "no" }),
        create(englishTerms(), "other"),
      ],
      [end()],
    );
    await told(dropTerms({ units: 2 }), [claim(alice), claim(bob), claim(carol, { waitlist: true })]);
    await told(dutchTerms(), [bid(alice, 9_999_999)]);
    await cluster.append("void-of-the-tests", [bid(alice, 5), bid(alice, 5)]);
    await until(
      async () =>
        (await sqlOf("void-of-the-tests")`select from decision_log where auction_id = 'void-of-the-tests'`)
          .length > 0,
    );
    for (const words of [[], ["--from-log"]]) {
      const { said, code } = await verify(...words);
      expect(said).toContain("nothing differs: 5 auctions");
      expect(said).not.toContain("not in the log");
      expect(code).toBe(0);
    }
    expect((await verify("--auction", auctionId)).said).toContain(
      "nothing differs: 1 auctions, 9 commands in 4 envelopes",
    );
  });
});

describe("ops verify names", () => {
  const tampered: [string, (auctionId: string, seqs: number[]) => Promise<unknown>, RegExp][] = [
    [
      "an amount that was changed in a record",
      (id, [seq = 0]) =>
        sqlOf(
          id,
        )`update decision_log set record = replace(record, '"amount":1100', '"amount":1900') where auction_id = ${id} and seq = ${seq}`,
      /decision_log, seq \d+, command 2: record, price should be 1900 and is 1100/,
    ],
    [
      "an amount of a refused bid, which changes nothing but the chain",
      (id, [, seq = 0]) =>
        sqlOf(
          id,
        )`update decision_log set record = replace(record, '"amount":1050', '"amount":1051') where auction_id = ${id} and seq = ${seq}`,
      /decision_log, seq \d+: chain should be "[0-9a-f]{64}" and is "[0-9a-f]{64}" \(this row/,
    ],
    [
      "an outcome",
      (id, [, seq = 0]) =>
        sqlOf(
          id,
        )`update decision_log set record = replace(record, '"rejected"', '"accepted"') where auction_id = ${id} and seq = ${seq}`,
      /decision_log, seq \d+, command 1: record, outcome should be "rejected" and is "accepted"/,
    ],
    [
      "a removed bid",
      (id, [, seq = 0]) => sqlOf(id)`delete from decision_log where auction_id = ${id} and seq = ${seq}`,
      /decision_log, seq \d+: chain should be/,
    ],
    [
      "a removed bid that had been accepted",
      (id, [seq = 0]) => sqlOf(id)`delete from decision_log where auction_id = ${id} and seq = ${seq}`,
      /decision_log, seq \d+: from_version should be 1 and is 3 \(rows before it are missing/,
    ],
    [
      "two bids that were swapped",
      async (id, [, one = 0, , other = 0]) => {
        const sql = sqlOf(id);
        await sql`update decision_log set seq = -1 where auction_id = ${id} and seq = ${one}`;
        await sql`update decision_log set seq = ${one} where auction_id = ${id} and seq = ${other}`;
        await sql`update decision_log set seq = ${other} where auction_id = ${id} and seq = -1`;
      },
      /decision_log, seq \d+/,
    ],
    [
      "a price",
      (id) => sqlOf(id)`update auctions set price = price + 1 where auction_id = ${id}`,
      /auctions: price should be \d+ and is \d+/,
    ],
    [
      "a winner",
      (id) => sqlOf(id)`update auctions set leader_id = ${alice} where auction_id = ${id}`,
      /auctions: leader_id should be "?b-.* and is "?b-/,
    ],
    [
      "a bidder's maximum, without saying it",
      (id) =>
        sqlOf(id)`update bidders set max_amount = 9001 where auction_id = ${id} and bidder_id = ${carol}`,
      /bidders, b-\S+: standing.maxMinor should be a value that is not shown/,
    ],
    [
      "an order that went to somebody else",
      (id) => sqlOf(id)`update orders set bidder_id = ${alice} where auction_id = ${id}`,
      /orders, number 1: bidderId should be b-\S+ and is b-/,
    ],
    [
      "an auction whose row is gone",
      (id) => sqlOf(id)`delete from auctions where auction_id = ${id}`,
      /auctions: the auction should be a row and is no row/,
    ],
    [
      "a record that is no JSON",
      (id, [seq = 0]) =>
        sqlOf(id)`update decision_log set record = '[[' where auction_id = ${id} and seq = ${seq}`,
      /record should be decisions and is no JSON/,
    ],
  ];

  test.each(tampered)("%s", async (_what, tamper, words) => {
    const { auctionId, seqs } = await anEnglish();
    expect((await verify("--auction", auctionId)).code).toBe(0);
    await tamper(auctionId, seqs);
    const { said, code } = await verify("--auction", auctionId);
    expect(said).toMatch(words);
    expect(said).toContain(`${auctionId} on shard`);
    expect(said).not.toMatch(/9000|9001|\b(alice|bob|carol)\b/);
    expect(code).toBe(2);
  });

  test("what was rewritten with its chain, by the log alone", async () => {
    const { auctionId, seqs } = await anEnglish();
    const [, refused = 0] = seqs;
    const sql = sqlOf(auctionId);
    const last = await told(englishTerms(), [bid(alice, 1_000)], [bid(bob, 900)]);
    const [kept = 0, dropped = 0] = last.seqs;
    const own = sqlOf(last.auctionId);
    await own`delete from decision_log where auction_id = ${last.auctionId} and seq = ${dropped}`;
    await own`update auctions set (seq, at, chain) = (
      select seq, at, chain from decision_log where auction_id = ${last.auctionId} and seq = ${kept}) where auction_id = ${last.auctionId}`;
    expect((await verify("--auction", last.auctionId)).code).toBe(0);
    const { said, code } = await verify("--auction", last.auctionId, "--from-log");
    expect(said).toContain(
      `decision_log, seq ${dropped}: the row should be there, because the log has a message and is missing`,
    );
    expect(code).toBe(2);
    await sql`update decision_log set record = '[]' where auction_id = ${auctionId} and seq = ${refused}`;
    expect((await verify("--from-log", "--auction", auctionId)).said).toMatch(
      /record should be 1 entries and is 0/,
    );
  });

  test("no sealed amount, wherever it was changed (I10)", async () => {
    const { auctionId, seqs } = await told(sealedTerms(), [bid(alice, 765_432)], [bid(bob, 876_543)]);
    const [seq = 0] = seqs;
    await sqlOf(
      auctionId,
    )`update decision_log set record = replace(record, '"amount":765432', '"amount":987654')
      where auction_id = ${auctionId} and seq = ${seq}`;
    for (const words of [[], ["--json"], ["--from-log"]]) {
      const { said, code } = await verify("--auction", auctionId, ...words);
      expect(said).not.toMatch(/765432|876543|987654/);
      expect(said).toContain("amount");
      expect(code).toBe(2);
    }
  });

  test("the auctions that differ as JSON, and an auction that is nowhere", async () => {
    const { auctionId } = await anEnglish();
    await sqlOf(auctionId)`update auctions set version = 99 where auction_id = ${auctionId}`;
    const { said } = await verify("--json", "--auction", auctionId);
    expect(JSON.parse(said)).toMatchObject({
      auctions: 1,
      different: [{ auctionId, difference: { table: "auctions", column: "version", found: "99" } }],
    });
    expect(await verify("--auction", "nowhere")).toMatchObject({ code: 1 });
  });

  test("what the log has lost, unless the stream was purged up to there", async () => {
    const { auctionId, seqs } = await anEnglish();
    const jsm = await jetstreamManager(cluster.nc);
    const stream = await jsm.streams.find(commandSubject(slotOf(auctionId, SLOTS), auctionId));
    await jsm.streams.deleteMessage(stream, seqs[1] ?? 0);
    expect((await verify("--from-log", "--auction", auctionId)).said).toContain(
      `log, seq ${seqs[1]}: the message should be there`,
    );
    await jsm.streams.purge(stream, { seq: (seqs[1] ?? 0) + 1 });
    const { said, code } = await verify("--from-log", "--auction", auctionId);
    expect(said).toContain("3 envelopes are not in the log any more");
    expect(code).toBe(0);
  });
});
