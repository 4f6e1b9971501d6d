import { afterAll, beforeAll, expect, test } from "vitest";
import { auctionIdFor } from "../../../../shared/ids.ts";
import { outcomeAt } from "../../../../shared/results.ts";
import { create, sam } from "../../../support/builders.ts";
import { englishTerms } from "../../../support/client.ts";
import { bidCommand, type SequencerCluster, startSequencerCluster, until } from "../cluster.ts";

let cluster: SequencerCluster;
const key = "survives";
const auctionId = auctionIdFor(sam, key);
beforeAll(async () => {
  cluster = await startSequencerCluster();
  await cluster.home(auctionId).sql.unsafe(FAILING);
  await cluster.startInstance("retries");
  await cluster.append(auctionId, [create(englishTerms(), key)]);
  await cluster.result((result) => result.auctionId === auctionId && result.to === 1);
}, 60_000);
afterAll(async () => cluster.close(), 30_000);

/** While `fault` has a row, every commit fails with its SQLSTATE. */
const FAILING = `
  create table fault (code text);
  create function fail() returns trigger language plpgsql as $$
  declare sqlstate_wanted text;
  begin
    select code into sqlstate_wanted from fault limit 1;
    if sqlstate_wanted is not null then raise exception 'made by the test' using errcode = sqlstate_wanted; end if;
    return new;
  end $$;
  create trigger fails before insert on decision_log for each row execute function fail()`;

let amount = 1_000;

test.each([
  ["53100", "the disk is full"],
  ["53200", "it is out of memory"],
  ["53300", "it has too many connections"],
  ["25006", "it has become read-only"],
  ["57P01", "it shuts down"],
  ["40001", "a transaction could not be serialised"],
  ["40P01", "there was a deadlock"],
  ["55P03", "a lock was not to be had"],
  ["57014", "a statement took too long"],
])(
  "%s, %s: the machine's fault. Nobody's bid is parked for it; it is committed when it is over (I1, I14)",
  async (code) => {
    const { sql } = cluster.home(auctionId);
    cluster.logged.length = 0;
    await sql`insert into fault values (${code})`;
    amount += 1_000;
    const seq = await cluster.append(auctionId, [bidCommand("alice", `k-${code}`, amount)]);
    const failures = () =>
      cluster.logged.filter((line) => line.includes("a commit got no answer") && line.includes(code));
    await until(() => failures().length >= 3);
    expect(await sql`select 1 from decision_log where auction_id = ${auctionId} and seq = ${seq}`).toEqual(
      [],
    );
    await sql`delete from fault`;
    const result = await cluster.result((one) => one.auctionId === auctionId && one.seq === seq);
    expect(outcomeAt(result, 0)).toMatchObject({ outcome: "accepted", key: `k-${code}` });
    expect(await sql`select reason from dead_letters`).toEqual([]);
  },
);

test("a fault of the machine while a culprit is looked for accuses nobody (I1, I13)", async () => {
  const { sql } = cluster.home(auctionId);
  await sql.unsafe(`alter table decision_log add constraint no_mark check (record not like '%:900000777%')`);
  cluster.logged.length = 0;
  // Of the first four inserts that are tried, every second one.
  await sql.unsafe(`
    create sequence tries;
    create or replace function fail() returns trigger language plpgsql as $$
    begin
      if nextval('tries') in (2, 4) then raise exception 'made by the test' using errcode = '40001'; end if;
      return new;
    end $$`);
  const bids = Array.from({ length: 50 }, (_, i) =>
    bidCommand(`bidder-${i}`, `m-${i}`, i === 31 ? 900_000_777_000 : 100_000 + i * 1_000),
  );
  const seq = await cluster.append(auctionId, bids);
  const result = await cluster.result((one) => one.auctionId === auctionId && one.seq === seq);
  const reasons = bids.map((_, i) => outcomeAt(result, i)?.reason);
  expect(reasons.flatMap((reason, i) => (reason === undefined ? [] : [`${i} ${reason}`]))).toEqual([
    "31 internal_error",
  ]);
});
