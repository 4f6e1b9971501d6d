import { afterAll, beforeAll, expect, test } from "vitest";
import { type SequencerCluster, startSequencerCluster } from "../../core/sequencer/cluster.ts";
import { alice, bid, bob, carol, dave } from "../../support/builders.ts";
import { englishTerms } from "../../support/client.ts";
import { type LetterOffice, letterOffice, replayedSeq } from "./letter-office.ts";

let cluster: SequencerCluster;
let office: LetterOffice;
beforeAll(async () => {
  cluster = await startSequencerCluster();
  office = letterOffice(cluster);
  await cluster.startInstance("parks");
}, 60_000);
afterAll(() => cluster.close(), 30_000);

const REFUSED = 900_000_777_000;
const refuse = `alter table decision_log add constraint for_now check (record not like '%:900000777%')`;
const seqOf = (name: string): number => Number(name.split(":")[1]);

test("what Postgres refused once is replayed when it does not refuse it any more, and nobody else's bid twice (I9)", async () => {
  const auctionId = await office.open(englishTerms());
  const { sql } = cluster.home(auctionId);
  await sql.unsafe(refuse);
  const commands = [bid(alice, 2_000, "first"), bid(bob, REFUSED, "refused"), bid(carol, 3_000, "third")];
  const name = await office.park(auctionId, commands);
  expect(await office.decisions(auctionId, seqOf(name))).toMatchObject([
    { key: "first", outcome: "accepted" },
    { key: "refused", outcome: "rejected", reason: "internal_error" },
    { key: "third", outcome: "accepted" },
  ]);
  const [listed] = await office.listed("--reason", "refused_by_postgres");
  expect(listed).toMatchObject({ commands: 3, auctionId, replayedSeq: null });
  expect(listed?.["detail"]).toMatch(/^of 3 commands 1: .*for_now/);
  expect((await office.ops("show", name)).stdout).toContain("of 3 commands 1: ");

  const tooEarly = await office.ops("replay", name);
  expect(await office.decisions(auctionId, replayedSeq(tooEarly))).toMatchObject([
    { key: "first", outcome: "duplicate" },
    { outcome: "rejected", reason: "internal_error" },
    { key: "third", outcome: "duplicate" },
  ]);
  await sql`alter table decision_log drop constraint for_now`;
  // The replay's own letter asks under a key of its own again.
  const again = (await office.listed("--reason", "refused_by_postgres")).at(-1);
  const replay = await office.ops("replay", `${String(again?.["slot"])}:${String(again?.["seq"])}`);
  expect(replay.stderr).toContain("was refused as internal_error");
  const decided = await office.decisions(auctionId, replayedSeq(replay));
  expect(decided.filter(({ outcome }) => outcome === "accepted")).toHaveLength(1);
  expect(decided.filter(({ outcome }) => outcome === "duplicate")).toHaveLength(2);
  const [leader] = await sql`select leader_id, price from auctions where auction_id = ${auctionId}`;
  expect(leader).toMatchObject({ leader_id: bob });
  const accepted =
    await sql`select bidder_id from bids where auction_id = ${auctionId} and outcome = 'accepted'`;
  expect(accepted).toHaveLength(3);
});

test("of what could not even be stored as refused, a replay decides everything under its own keys (I1)", async () => {
  const auctionId = await office.open(englishTerms());
  const { sql } = cluster.home(auctionId);
  await sql.unsafe(`alter table decision_log add constraint no_dave check (record not like '%"dave"%')`);
  const commands = [bid(alice, 2_000, "a"), bid(dave, 3_000, "d")];
  const name = await office.park(auctionId, commands);
  expect((await office.listed()).at(-1)?.["detail"]).toMatch(/^none of it can be stored: /);
  await sql`alter table decision_log drop constraint no_dave`;
  const replay = await office.ops("replay", name);
  expect(await office.decisions(auctionId, replayedSeq(replay))).toMatchObject([
    { key: "a", outcome: "accepted" },
    { key: "d", outcome: "accepted" },
  ]);
});
