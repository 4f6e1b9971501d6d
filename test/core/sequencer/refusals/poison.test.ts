import { afterAll, beforeAll, expect, test } from "vitest";
import { auctionIdFor } from "../../../../shared/ids.ts";
import { slotOf } from "../../../../shared/slots.ts";
import { claim, create, dropTerms, manage, sam } from "../../../support/builders.ts";
import { WIRE_VERSION } from "../../../../shared/wire-version.ts";
import { bidCommand, type SequencerCluster, SLOTS, startSequencerCluster, until } from "../cluster.ts";

let cluster: SequencerCluster;
beforeAll(async () => {
  cluster = await startSequencerCluster();
}, 60_000);
afterAll(async () => cluster.close(), 30_000);

test("a state that no log leads to is never guessed at: the command is refused and parked, the rest goes on (I13)", async () => {
  const key = "impossible";
  const auctionId = auctionIdFor(sam, key);
  const { sql } = cluster.home(auctionId);
  let instance = await cluster.startInstance("places");
  await cluster.append(auctionId, [create(dropTerms({ endsAt: Date.now() + 600_000 }), key)]);
  await cluster.append(auctionId, [claim("alice", {}, "a")]);
  await cluster.result((result) => result.auctionId === auctionId && result.to === 2);
  await instance.stop();
  await sql`delete from orders where auction_id = ${auctionId}`;
  instance = await cluster.startInstance("meets-it");
  const cancel = manage(sam, "seller", { action: "cancel", reason: "no stock" });
  await cluster.append(auctionId, [cancel, claim("bob", {}, "b")]);
  await cluster.result((result) => result.auctionId === auctionId && result.to === 3);
  const decisions = await sql`
    select kind, key, outcome, reason from decisions where auction_id = ${auctionId} order by seq, index`;
  expect(decisions).toMatchObject([
    { kind: "create" },
    { key: "a", outcome: "accepted" },
    { kind: "manage", outcome: "rejected", reason: "internal_error" },
    { key: "b", outcome: "accepted" },
  ]);
  const [parked] = await sql<{ reason: string; detail: string; payload: Uint8Array }[]>`
    select reason, detail, payload from dead_letters where slot = ${slotOf(auctionId, SLOTS)} order by seq desc limit 1`;
  expect(parked).toMatchObject({
    reason: "undecidable_command",
    detail: expect.stringMatching(/command 0: InvariantError: order 1/) as string,
  });
  expect(JSON.parse(new TextDecoder().decode(parked?.payload))).toMatchObject({
    commands: [cancel, { key: "b" }],
  });
  expect(cluster.logged.join("\n")).toContain("a command could not be decided");
});

const START = { commands: [bidCommand("alice", "a", 1_000)], origin: "" };

test.each([
  ["of a wire version to come", { ...START, v: WIRE_VERSION + 1, id: "from-tomorrow" }],
  ["with an id that is none", { ...START, v: WIRE_VERSION, id: "a\nb" }],
  ["with a NUL in its id", { ...START, v: WIRE_VERSION, id: "a\0b" }],
])("a slot whose last message was an envelope %s is taken over, not halted (I13)", async (what, envelope) => {
  const key = `taken-over-${what.length}`;
  const auctionId = auctionIdFor(sam, key);
  const { sql } = cluster.home(auctionId);
  const first = await cluster.startInstance("parks-it");
  await cluster.append(auctionId, [create({ endsAt: Date.now() + 600_000 }, key)]);
  const seq = await cluster.append(auctionId, [], { raw: JSON.stringify(envelope) });
  await until(async () => (await sql`select 1 from dead_letters where seq = ${seq}`).length === 1);
  await first.stop();
  const second = await cluster.startInstance("takes-over");
  await cluster.append(auctionId, [bidCommand("alice", "after", 1_000)]);
  await cluster.result((result) => result.auctionId === auctionId && result.to === 2);
  await second.stop();
});
