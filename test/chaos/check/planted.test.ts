import { beforeEach, expect, test } from "vitest";
import { auctionLog, type Appended, type AuctionLog } from "../../support/auction-log.ts";
import {
  ALIAS_SALT,
  AUCTION_ID,
  bid,
  claim,
  create,
  dropTerms,
  RUN_MS,
  START_MS,
} from "../../support/builders.ts";
import { bidderAliasFor } from "../../../shared/ids.ts";
import { WIRE_VERSION } from "../../../shared/wire-version.ts";
import type { ToldCommand } from "../told.ts";
import { checkAuction } from "./check-auction.ts";
import type { Evidence, FaultWord, StoredEnvelope } from "./evidence.ts";

/** Evidence as a run leaves it, which the tests spoil. */
type Spoilt = { -readonly [K in keyof Evidence]: Evidence[K] };

const BIDDERS = ["alice", "bob", "carol"];

/** One envelope of the log: what is in the stream, in the shard, and with the clients. */
interface Step {
  readonly commands: readonly { type: string; bidderId?: string; key?: string }[];
  readonly atMs: number;
}

/** An english auction with thirty bids, one in its last and one in its first millisecond after the end. */
function story(): Step[] {
  const bids = Array.from({ length: 30 }, (_, i) => ({
    commands: [bid(BIDDERS[i % 3] ?? "", 1_000 + 100 * i, `bid-${i}`)],
    atMs: START_MS + 1_000 + i * 10,
  }));
  return [
    { commands: [create()], atMs: START_MS },
    ...bids,
    { commands: [bid("alice", 9_000, "in-time")], atMs: START_MS + RUN_MS - 1 },
    { commands: [bid("bob", 9_900, "too-late")], atMs: START_MS + RUN_MS },
  ];
}

function evidenceOf(steps: readonly Step[]): Spoilt {
  const log: AuctionLog = auctionLog();
  const evidence: Spoilt = {
    auctionId: AUCTION_ID,
    messages: [],
    envelopes: [],
    auctions: [],
    orders: [],
    appliedSeq: steps.length,
    parkedSeqs: new Set(),
    told: [],
    feed: [],
  };
  const places = new Map<string, number>();
  for (const { commands, atMs } of steps) {
    const appended = log.append(commands, atMs);
    const { seq } = appended.position;
    const envelope = { v: WIRE_VERSION, id: `envelope-${seq}`, origin: "gateway-of-the-tests", commands };
    const data = new TextEncoder().encode(JSON.stringify(envelope));
    evidence.messages = [...evidence.messages, { seq, timestampMs: atMs, auctionId: AUCTION_ID, data }];
    evidence.envelopes = [...evidence.envelopes, storedEnvelope(appended)];
    evidence.told = [...evidence.told, ...toldOf(appended, places)];
    evidence.feed = [...evidence.feed, ...frameOf(appended)];
  }
  const auction = log.auction();
  const { live } = log.history().at(-1)?.result ?? {};
  if (auction === null || live === null || live === undefined)
    throw new Error("the story creates no auction");
  const leaderId = BIDDERS.find((bidder) => bidderAliasFor(ALIAS_SALT, bidder) === live.leader) ?? null;
  const chain = evidence.envelopes.at(-1)?.chain ?? "";
  evidence.auctions = [{ shard: 0, ...live, leaderId, chain }];
  evidence.orders = [...auction.orders.values()].map((order) => ({
    ...order,
    unitPrice: order.unitPriceMinor,
  }));
  return evidence;
}

function storedEnvelope({ position, decision, record, chain }: Appended): StoredEnvelope {
  const { fromVersion, toVersion } = decision;
  const { seq, atMs: at } = position;
  return { shard: 0, seq, at, fromVersion, toVersion, envelopeId: `envelope-${seq}`, record, chain };
}

/** Each bidder sends on one connection, and has the outcome a millisecond after the log's time. */
function toldOf({ result, position }: Appended, places: Map<string, number>): ToldCommand[] {
  return result.outcomes.map((outcome): ToldCommand => {
    const { kind, actorId, key, seq, index, at, version, price, reason } = outcome;
    const place = (places.get(actorId) ?? 0) + 1;
    places.set(actorId, place);
    const why = reason === undefined ? {} : { reason };
    return {
      kind,
      actorId,
      key,
      firstSentMs: position.atMs - 1,
      sends: [[`${actorId}.1`, place]],
      acks: [],
      answers: [
        {
          door: "socket",
          gotMs: position.atMs + 1,
          outcome: outcome.outcome,
          ...why,
          seq,
          index,
          at,
          version,
          price,
        },
      ],
    };
  });
}

function frameOf({ result }: Appended): Evidence["feed"] {
  const { live, from, to, events, at } = result;
  if (live === null || from === to) return [];
  const frame = { type: "update" as const, ...live, from, events, now: at };
  return [{ watched: { connection: "watcher-1", gotMs: at, frame } }];
}

const wordsOf = (evidence: Evidence): FaultWord[] => [
  ...new Set(checkAuction(evidence).findings.map(({ word }) => word)),
];

/** The stored envelope that decided a bid, and the bid's entry in it. */
function storedBid(key: string): { envelope: StoredEnvelope; place: number } {
  const place = evidence.envelopes.findIndex(({ record }) => record.includes(`"${key}"`));
  const envelope = evidence.envelopes[place];
  if (envelope === undefined) throw new Error(`${key} is not stored`);
  return { envelope, place };
}

const without = <T>(items: readonly T[], place: number): T[] => items.filter((_, i) => i !== place);

/** Puts something else in the place of one item. */
const replaced = <T>(items: readonly T[], place: number, item: T): T[] =>
  items.map((old, i) => (i === place ? item : old));

let evidence: Spoilt;
beforeEach(() => {
  evidence = evidenceOf(story());
});

test("an untouched run has no finding, and was looked at", () => {
  const { findings, looked } = checkAuction(evidence);
  expect(findings).toEqual([]);
  expect(looked).toMatchObject({ messages: 33, bids: 32, told: 33, unanswered: 0, isClosed: true });
  expect(looked.frames).toBeGreaterThan(30);
});

test("a bid that was acknowledged and is not in the shard is lost (I1)", () => {
  const { place } = storedBid("bid-7");
  evidence.envelopes = without(evidence.envelopes, place);
  expect(wordsOf(evidence)).toContain("lost");
});

test("a bid that was acknowledged and is not in the log is lost, although the shard has it (I1)", () => {
  const { envelope } = storedBid("bid-7");
  evidence.messages = evidence.messages.filter(({ seq }) => seq !== envelope.seq);
  expect(wordsOf(evidence)).toContain("lost");
});

test("a 202 whose bid is in no log is a loss (I1)", () => {
  const [, some] = evidence.told;
  if (some === undefined) throw new Error("nothing was told");
  evidence.told = [...evidence.told, { ...some, key: "swallowed", acks: [17], answers: [] }];
  expect(wordsOf(evidence)).toEqual(["lost"]);
});

test("a bid that is decided twice is doubled (I1, I9)", () => {
  const { envelope } = storedBid("bid-3");
  const { place } = storedBid("bid-9");
  const other = evidence.envelopes[place] as StoredEnvelope;
  evidence.envelopes = replaced(evidence.envelopes, place, { ...other, record: envelope.record });
  expect(wordsOf(evidence)).toContain("doubled");
});

test("an envelope that both shards hold is doubled (I1, I7)", () => {
  const { envelope } = storedBid("bid-3");
  evidence.envelopes = [...evidence.envelopes, { ...envelope, shard: 1 }];
  expect(wordsOf(evidence)).toContain("doubled");
});

test("a bidder who was told another place on asking again was decided twice (I9)", () => {
  const place = evidence.told.findIndex(({ key }) => key === "bid-3");
  const told = evidence.told[place] as ToldCommand;
  const [answer] = told.answers;
  if (answer === undefined) throw new Error("bid-3 was not answered");
  const again = { ...answer, seq: answer.seq + 1 };
  evidence.told = replaced(evidence.told, place, { ...told, answers: [answer, again] });
  expect(wordsOf(evidence)).toEqual(["doubled"]);
});

test("two bids that the shard has in the other order than the log are reordered (I2)", () => {
  const { envelope: a, place: first } = storedBid("bid-3");
  const { envelope: b, place: second } = storedBid("bid-4");
  evidence.envelopes = replaced(evidence.envelopes, first, { ...a, record: b.record });
  evidence.envelopes = replaced(evidence.envelopes, second, { ...b, record: a.record });
  expect(wordsOf(evidence)).toContain("reordered");
});

test("a bid that overtook another one of its own connection is reordered (I15)", () => {
  const [first, second] = ["bid-0", "bid-3"].map((key) =>
    evidence.told.findIndex((told) => told.key === key),
  );
  const [a, b] = [evidence.told[first ?? -1], evidence.told[second ?? -1]] as ToldCommand[];
  if (a === undefined || b === undefined) throw new Error("alice has not bid twice");
  evidence.told = replaced(evidence.told, first ?? -1, { ...a, sends: b.sends });
  evidence.told = replaced(evidence.told, second ?? -1, { ...b, sends: a.sends });
  expect(wordsOf(evidence)).toEqual(["reordered"]);
});

test("a bid that was sent after another's outcome, and is before it in the log, is reordered", () => {
  const place = evidence.told.findIndex(({ key }) => key === "bid-3");
  const told = evidence.told[place] as ToldCommand;
  evidence.told = replaced(evidence.told, place, { ...told, firstSentMs: told.firstSentMs + 5_000 });
  expect(wordsOf(evidence)).toEqual(["reordered"]);
});

test("a bid that was accepted at the end is late (I6)", () => {
  const { envelope, place } = storedBid("too-late");
  const record = envelope.record.replace('"rejected"', '"accepted"').replace('"auction_closed"', "null");
  expect(record).not.toBe(envelope.record);
  evidence.envelopes = replaced(evidence.envelopes, place, { ...envelope, record });
  expect(wordsOf(evidence)).toContain("late");
});

test("a bidder who was told of an accepted late bid was told so wrongly (I6)", () => {
  const place = evidence.told.findIndex(({ key }) => key === "too-late");
  const told = evidence.told[place] as ToldCommand;
  const { reason: _reason, ...answer } = told.answers[0] ?? {};
  evidence.told = replaced(evidence.told, place, {
    ...told,
    answers: [{ ...answer, outcome: "accepted" } as ToldCommand["answers"][number]],
  });
  expect(wordsOf(evidence)).toEqual(["late"]);
});

test("a bid in the last millisecond that was refused as late is a finding, too (I6)", () => {
  const place = evidence.told.findIndex(({ key }) => key === "in-time");
  const told = evidence.told[place] as ToldCommand;
  evidence.told = replaced(evidence.told, place, {
    ...told,
    answers: [
      { ...told.answers[0], outcome: "rejected", reason: "auction_closed" } as ToldCommand["answers"][number],
    ],
  });
  expect(wordsOf(evidence)).toEqual(["late"]);
});

test("another winner than the bids', a changed order and another head of the chain are found (I3, I4)", () => {
  const [row] = evidence.auctions;
  const [order] = evidence.orders;
  if (row === undefined || order === undefined) throw new Error("the story has no winner");
  const spoilt: Partial<Evidence>[] = [
    { auctions: [{ ...row, leaderId: "bob" }] },
    { orders: [{ ...order, bidderId: "bob" }] },
    { auctions: [{ ...row, chain: "0" }] },
  ];
  for (const change of spoilt) expect(wordsOf({ ...evidence, ...change })).toContain("unequal");
});

test("a feed with a gap, a wrong price or an end that never came is found (I8)", () => {
  const [first, second, third] = evidence.feed;
  if (first === undefined || second === undefined || third === undefined || !("watched" in third))
    throw new Error("the feed is short");
  const { watched } = third;
  const spoilt: Evidence["feed"][] = [
    without(evidence.feed, 1),
    replaced(evidence.feed, 2, { watched: { ...watched, frame: { ...watched.frame, price: 7 } } }),
    [...evidence.feed, { end: { reached: 3, wanted: 4 } }],
  ];
  for (const feed of spoilt) expect(wordsOf({ ...evidence, feed })).toEqual(["feed"]);
});

test("a unit too many is found from the orders alone (I5)", () => {
  const claims = ["alice", "bob", "carol", "alice"].map((bidder, i) => ({
    commands: [claim(bidder, {}, `claim-${i}`)],
    atMs: START_MS + 1_000 + i * 10,
  }));
  const drop = evidenceOf([{ commands: [create(dropTerms())], atMs: START_MS }, ...claims]);
  expect(checkAuction(drop)).toMatchObject({ findings: [], looked: { isDrop: true } });
  const [order] = drop.orders;
  if (order === undefined) throw new Error("nothing was sold");
  drop.orders = [...drop.orders, { ...order, number: 4, bidderId: "dave" }];
  expect(wordsOf(drop)).toContain("oversold");
});
