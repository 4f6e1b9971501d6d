import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Instance } from "../../../core/sequencer/instance.ts";
import { MAX_COMMANDS_PER_ENVELOPE } from "../../../shared/commands.ts";
import { WIRE_VERSION } from "../../../shared/wire-version.ts";
import { type SequencerCluster, startSequencerCluster } from "../../core/sequencer/cluster.ts";
import { alice, bid, bob, claim, create, manage, proxyBid, sam, tick } from "../../support/builders.ts";
import { dropTerms, englishTerms, sealedTerms } from "../../support/client.ts";
import { letterOffice, type LetterOffice, replayedSeq, UNREADABLE } from "./letter-office.ts";

let cluster: SequencerCluster;
let office: LetterOffice;
let instance: Instance;
beforeAll(async () => {
  cluster = await startSequencerCluster();
  office = letterOffice(cluster);
  instance = await cluster.startInstance("parks");
});
afterAll(() => cluster.close());
beforeEach(async () => {
  await Promise.all(cluster.shards.map(({ sql }) => sql`delete from dead_letters`));
});

describe("list", () => {
  test("has every shard's letters, oldest first, and chooses by slot, reason and number", async () => {
    const auctions = [
      await office.open(englishTerms()),
      await office.open(sealedTerms()),
      await office.open(dropTerms()),
    ];
    const names: string[] = [];
    for (const auctionId of auctions)
      names.push(await office.park(auctionId, [UNREADABLE, bid(alice, 1_000)]));
    names.push(await office.park(auctions[0] ?? "", [], "not json"));
    const all = await office.listed();
    expect(all.map(({ slot, seq }) => `${String(slot)}:${String(seq)}`)).toEqual(names);
    expect(all.map(({ auctionId }) => auctionId)).toEqual([...auctions, auctions[0]]);
    expect(all[0]).toMatchObject({ reason: "unreadable_command", commands: 2, replayedSeq: null });
    expect(all[3]).toMatchObject({ reason: "unreadable_envelope", commands: null });
    const at = Date.parse(String(all[0]?.["at"]));
    expect(Math.abs(Date.now() - at)).toBeLessThan(60_000);
    expect(await office.listed("--reason", "unreadable_envelope")).toEqual([all[3]]);
    const slot = all[1]?.["slot"];
    expect(await office.listed("--slot", String(slot))).toEqual(
      all.filter((letter) => letter["slot"] === slot),
    );
    expect(await office.listed("--limit", "1")).toEqual([all[0]]);
    const { stdout, stderr } = await office.ops("list", "--limit", "2");
    expect(stdout.split("\n")[0]).toMatch(/^slot +seq +at +reason +auction +commands +replayed +detail$/);
    expect(stdout.trim().split("\n")).toHaveLength(3);
    expect(stderr).toContain("there are more");
  });

  test("says so when there are none", async () => {
    expect((await office.ops("list")).stdout).toContain("no dead letters: everything");
    expect((await office.ops("list", "--slot", "1")).stdout).toContain("without --slot and --reason");
  });
});

describe("show", () => {
  const secrets = /765432|876543|987654/;

  test("keeps a sealed amount to itself before the close, wherever it stands (I10)", async () => {
    const auctionId = await office.open(sealedTerms());
    const name = await office.park(auctionId, [bid(alice, 876_543, "k-1"), UNREADABLE]);
    const shown = await office.ops("show", name);
    expect(shown).toMatchObject({ ok: true, stderr: "" });
    expect(shown.stdout).not.toMatch(secrets);
    expect(shown.stdout).toContain('"amount": "•••"');
    expect(shown.stdout).toContain('"key": "k-1"');
    expect(shown.stdout).toContain("sealed, open");
    expect((await office.ops("show", name, "--json")).stdout).not.toMatch(secrets);
    expect((await office.ops("list", "--json")).stdout).not.toMatch(secrets);
    const revealed = await office.ops("show", name, "--reveal", "--json");
    expect(revealed.stderr).toContain("secret amounts");
    expect(JSON.parse(revealed.stdout)).toMatchObject({
      reason: "unreadable_command",
      auctionId,
      auction: { format: "sealed", status: "open" },
      payload: { commands: [{ body: { amount: 876_543 } }, UNREADABLE] },
    });
  });

  test("shows a sealed auction's amounts once it is closed", async () => {
    const auctionId = await office.open(sealedTerms());
    await cluster.append(auctionId, [manage(sam, "seller", { action: "end", reason: "early" })]);
    await cluster.result((result) => result.auctionId === auctionId && result.live?.status === "closed");
    const name = await office.park(auctionId, [bid(alice, 876_543), UNREADABLE]);
    expect((await office.ops("show", name)).stdout).toContain('"amount": 876543');
  });

  test("shows an open bid's amount, and never a maximum, a reserve or a salt", async () => {
    const auctionId = await office.open(englishTerms());
    const terms = englishTerms({ startPrice: 1_000, reservePrice: 987_654 });
    const name = await office.park(auctionId, [
      bid(alice, 4_321),
      proxyBid(bob, 876_543),
      create(terms),
      UNREADABLE,
    ]);
    const { stdout } = await office.ops("show", name);
    expect(stdout).toContain('"amount": 4321');
    expect(stdout).toContain('"maxAmount": "•••"');
    expect(stdout).toContain('"reservePrice": "•••"');
    expect(stdout).toContain('"aliasSalt": "•••"');
    expect(stdout).toContain('"startPrice": 1000');
    expect(stdout).not.toMatch(/876543|987654|salt-of-the-tests/);
  });

  test("masks the amounts of an auction that is not known, and numbers where no field is what it seems", async () => {
    const letter = JSON.stringify({
      v: 99,
      offer: 987_654,
      commands: [bid(alice, 876_543)],
      n: ["765432"],
    });
    const name = await office.park("nobody-knows", [], letter);
    const { stdout } = await office.ops("show", name);
    expect(stdout).toContain("nobody-knows (not known)");
    expect(stdout).toContain('"v": 99');
    expect(stdout).not.toMatch(secrets);
  });

  test("what is not JSON is hex with its length, and no digit of it can be read", async () => {
    const auctionId = await office.open(sealedTerms());
    const raw = `{"commands":[{"amount":876543\u001b[2J`;
    const name = await office.park(auctionId, [], raw);
    const { stdout } = await office.ops("show", name);
    expect(stdout).toContain(`${Buffer.byteLength(raw)} bytes, not JSON`);
    expect(stdout).toContain("7b 22 63 6f 6d 6d");
    expect(stdout).not.toMatch(/876543|38 37 36/);
    expect(stdout).not.toContain("\u001b");
    const hidden = JSON.parse((await office.ops("show", name, "--json")).stdout) as { payloadHex: string };
    expect(hidden.payloadHex).not.toContain("383736");
    const revealed = await office.ops("show", name, "--json", "--reveal");
    expect(JSON.parse(revealed.stdout)).toMatchObject({ payloadHex: Buffer.from(raw).toString("hex") });
    expect((await office.ops("show", name, "--reveal")).stdout).toContain("38 37 36");
  });

  test("a letter that does not exist, and a name that is none, are errors of one line", async () => {
    expect(await office.ops("show", "1:999999")).toEqual({
      ok: false,
      stdout: "",
      stderr: "there is no dead letter 1:999999\n",
    });
    const named = await office.ops("show", "one");
    expect(named.ok).toBe(false);
    expect(named.stderr).toMatch(/^name one letter as <slot>:<seq>.*\n$/);
  });
});

describe("replay", () => {
  test("an undecidable command is decided once the state is repaired, and its key keeps its answer (I9)", async () => {
    const auctionId = await office.open(dropTerms());
    await cluster.append(auctionId, [claim(alice)]);
    await cluster.result((result) => result.auctionId === auctionId && result.to === 2);
    const { sql } = cluster.home(auctionId);
    await instance.stop();
    const [order] = await sql`delete from orders where auction_id = ${auctionId} returning *`;
    instance = await cluster.startInstance("meets-a-gap");
    const cancel = manage(sam, "seller", { action: "cancel", reason: "no stock" });
    const name = await office.park(auctionId, [cancel, claim(bob, {}, "b")]);
    await instance.stop();
    await sql`insert into orders ${sql(order ?? {})}`;
    instance = await cluster.startInstance("sees-it-repaired");

    const replayed = await office.ops("replay", name);
    expect(replayed).toMatchObject({ ok: true, stderr: expect.stringContaining("internal_error") as string });
    const seq = replayedSeq(replayed);
    expect(await office.decisions(auctionId, seq)).toMatchObject([
      { kind: "manage", key: `replay:${name}:0`, outcome: "accepted" },
      { kind: "bid", key: "b", outcome: "duplicate" },
    ]);
    expect(await sql`select status from orders where auction_id = ${auctionId} and number = 1`).toMatchObject(
      [{ status: "released" }],
    );
    expect(await office.listed()).toMatchObject([{ replayedSeq: seq }]);

    expect(await office.ops("replay", name)).toMatchObject({
      ok: false,
      stderr: `${name} was replayed as ${seq}; say --again to replay it once more\n`,
    });
    const again = replayedSeq(await office.ops("replay", name, "--again"));
    expect(again).toBeGreaterThan(seq);
    expect(await office.decisions(auctionId, again)).toMatchObject([
      { outcome: "duplicate" },
      { outcome: "duplicate" },
    ]);
    const retried = await cluster.append(auctionId, [cancel]);
    expect(await office.decisions(auctionId, retried)).toMatchObject([
      { key: cancel.key, outcome: "duplicate" },
    ]);
  });

  test("what Postgres refused is decided under its own key, once Postgres takes it", async () => {
    const auctionId = await office.open(englishTerms());
    const { sql } = cluster.home(auctionId);
    await sql`alter table decision_log add constraint no_refused check (record not like '%"refused"%')`;
    const name = await office.park(auctionId, [bid(alice, 1_000, "refused")]);
    await sql`alter table decision_log drop constraint no_refused`;
    expect(await office.listed()).toMatchObject([{ reason: "refused_by_postgres", commands: 1 }]);
    const replayed = await office.ops("replay", name);
    expect(replayed).toMatchObject({ ok: true, stderr: "" });
    const seq = replayedSeq(replayed);
    expect(await office.decisions(auctionId, seq)).toMatchObject([{ key: "refused", outcome: "accepted" }]);
    expect(
      (await cluster.result((result) => result.seq === seq && result.auctionId === auctionId)).origin,
    ).toBe("");
  });

  test("commands that cannot be read are named and left out; the others get their first outcome", async () => {
    const auctionId = await office.open(englishTerms());
    const name = await office.park(auctionId, [UNREADABLE, bid(alice, 1_000, "a")]);
    const replayed = await office.ops("replay", name);
    expect(replayed.stderr).toContain("command 0 is left out, it cannot be read");
    expect(replayed.stderr).toContain("command 1 was decided before");
    const seq = replayedSeq(replayed);
    expect(await office.decisions(auctionId, seq)).toMatchObject([{ key: "a", outcome: "duplicate" }]);
  });

  test.each([
    ["no envelope", "not json", "it is no envelope of commands"],
    [
      "without a command that can be read",
      JSON.stringify({ v: 1, commands: [UNREADABLE] }),
      "command 0 is left out",
    ],
    [
      "of a newer wire version",
      JSON.stringify({ v: WIRE_VERSION + 1, commands: [bid(alice, 1)] }),
      "a newer one",
    ],
    [
      "with more commands than an envelope carries",
      JSON.stringify({ v: 1, commands: Array.from({ length: MAX_COMMANDS_PER_ENVELOPE + 1 }, () => tick) }),
      `carries ${MAX_COMMANDS_PER_ENVELOPE} at most`,
    ],
  ])("a letter that is %s is refused, with the reason on one line (I12)", async (_, raw, why) => {
    const auctionId = await office.open(englishTerms());
    const name = await office.park(auctionId, [], raw);
    const { ok, stdout, stderr } = await office.ops("replay", name);
    expect({ ok, stdout }).toEqual({ ok: false, stdout: "" });
    expect(stderr).toContain(why);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(await office.listed()).toMatchObject([{ replayedSeq: null }]);
  });
});

describe("discard", () => {
  test("needs --yes where nobody can be asked, says what it deletes, and deletes only that (I10)", async () => {
    const auctionId = await office.open(sealedTerms());
    const [name, other] = [
      await office.park(auctionId, [UNREADABLE]),
      await office.park(auctionId, [UNREADABLE]),
    ];
    const asked = await office.ops("discard", name);
    expect(asked.ok).toBe(false);
    expect(asked.stderr).toMatch(/--yes to discard it\n$/);
    expect(await office.listed()).toHaveLength(2);
    const discarded = await office.ops("discard", name, "--yes", "--reason", "sent by a test");
    expect(discarded).toMatchObject({ ok: true, stderr: "" });
    expect(discarded.stdout).toContain('"amount": "•••"');
    expect(discarded.stdout).toMatch(new RegExp(`discarded ${name}: sent by a test\n$`));
    expect((await office.listed()).map(({ seq }) => seq)).toEqual([Number(other.split(":")[1])]);
    expect(await office.ops("discard", name, "--yes")).toMatchObject({ ok: false });
  });
});
