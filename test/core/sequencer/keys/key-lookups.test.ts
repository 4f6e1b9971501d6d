import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  createSlotBook,
  type DecidedEnvelope,
  type LogMessage,
} from "../../../../core/sequencer/slot-book.ts";
import { readMessage } from "../../../../core/sequencer/log/read-message.ts";
import { createStore, type Store } from "../../../../core/shards/store.ts";
import type { WantedDecisions } from "../../../../core/shards/load-decisions.ts";
import { commandSubject } from "../../../../shared/subjects.ts";
import { WIRE_VERSION } from "../../../../shared/wire-version.ts";
import { AUCTION_ID, bid, create, START_MS } from "../../../support/builders.ts";
import { type QueryCluster, startQueryCluster } from "../../queries/query-cluster.ts";

let cluster: QueryCluster;
beforeAll(async () => {
  cluster = await startQueryCluster();
  await fill();
}, 60_000);
afterAll(async () => cluster.close(), 30_000);

const LIMITS = { exactKeys: 64, segmentKeys: 32, segments: 16 };
const KEYS = 1_200;
const bidder = (i: number): string => `bidder-${i}`;

/** A thousand keys in Postgres, a few to an envelope. */
async function fill(): Promise<void> {
  const log = cluster.log();
  await log.append([create()], START_MS);
  for (let i = 0; i < KEYS; i += 6)
    await log.append(
      Array.from({ length: 6 }, (_, k) => bid(bidder(i + k), 1_000 + (i + k) * 100, `k-${i + k}`)),
      START_MS + 1,
    );
}

const message = (seq: number, commands: readonly unknown[]): LogMessage =>
  readMessage({
    seq,
    atMs: START_MS + 2,
    subject: commandSubject(0, AUCTION_ID),
    data: new TextEncoder().encode(JSON.stringify({ v: WIRE_VERSION, id: `e-${seq}`, origin: "", commands })),
  });

/** The real store, and what was asked of it. */
function watched(): { store: Store; asked: WantedDecisions[][] } {
  const asked: WantedDecisions[][] = [];
  const store = createStore(cluster.home(AUCTION_ID));
  const loadDecisions: Store["loadDecisions"] = (wanted) => {
    asked.push([...wanted]);
    return store.loadDecisions(wanted);
  };
  return { store: { ...store, loadDecisions }, asked };
}

const outcomesOf = ({ decision }: DecidedEnvelope) =>
  decision.entries.map(({ outcome, reason }) => reason ?? outcome);

describe("looking up what is repeated", () => {
  test("a storm of retries, every second bid an old key, takes one query for all that is prepared together (I9)", async () => {
    const { store, asked } = watched();
    const book = createSlotBook(store, LIMITS);
    const storm = Array.from({ length: 16 }, (_, m) =>
      message(
        10_000 + m,
        Array.from({ length: 20 }, (_, k) => {
          const i = (m * 20 + k) * 3;
          return k % 2 === 0
            ? bid(bidder(i), 1_000 + i * 100, `k-${i}`)
            : bid("newcomer", 900_000 + m * 2_000 + k * 100);
        }),
      ),
    );
    await book.prepare(storm);
    const decided = storm.map((one) => book.decide(one));
    for (const one of decided)
      for (const [k, outcome] of outcomesOf(one).entries())
        expect(outcome).toBe(k % 2 === 0 ? "duplicate" : "accepted");
    expect(asked).toHaveLength(1);
    expect(asked[0]?.length).toBeLessThan(16 * 10 * 2);
    expect(asked[0]?.some(({ seq, toSeq }) => toSeq !== undefined && toSeq > seq)).toBe(true);
  });

  test("new keys, and keys of a moment ago, take no query", async () => {
    const { store, asked } = watched();
    const book = createSlotBook(store);
    const first = message(10_000, [bid("newcomer", 900_000, "fresh")]);
    await book.prepare([first]);
    expect(outcomesOf(book.decide(first))).toEqual(["accepted"]);
    const again = message(10_001, [bid("newcomer", 900_000, "fresh"), bid("newcomer", 990_000, "fresher")]);
    expect(book.prepare([again])).toBeUndefined();
    expect(outcomesOf(book.decide(again))).toEqual(["duplicate", "accepted"]);
    expect(asked).toEqual([]);
  });

  test("what was not prepared is a bug and is not guessed at", async () => {
    const book = createSlotBook(createStore(cluster.home(AUCTION_ID)), LIMITS);
    const prepared = message(10_000, [bid(bidder(3), 1_300, "k-3")]);
    await book.prepare([prepared]);
    expect(() => book.decide(message(10_001, [bid(bidder(4), 1_400, "k-4")]))).toThrow("was not prepared");
    expect(outcomesOf(book.decide(prepared))).toEqual(["duplicate"]);
  });

  test("trying out changes nothing", async () => {
    const book = createSlotBook(createStore(cluster.home(AUCTION_ID)), LIMITS);
    const next = message(10_000, [
      bid("ann", 900_000, "a"),
      bid("ann", 900_000, "a"),
      bid("bea", 950_000, "b"),
    ]);
    await book.prepare([next]);
    const without = { commands: new Set([0]), bare: false };
    const tried = book.tryOut(next, without);
    expect(outcomesOf(tried)).toEqual(["internal_error", "duplicate", "accepted"]);
    expect(book.tryOut(next, without).record).toBe(tried.record);
    expect(outcomesOf(book.decide(next))).toEqual(["accepted", "duplicate", "accepted"]);
  });

  test("an auction comes back with every key that it has taken, page by page", async () => {
    const { store } = watched();
    const pages: number[] = [];
    const book = createSlotBook(
      { ...store, loadKeys: (ids, page) => (pages.push(page.limit), store.loadKeys(ids, page)) },
      LIMITS,
    );
    const all = Array.from({ length: KEYS / 200 }, (_, m) =>
      message(
        10_000 + m,
        Array.from({ length: 200 }, (_, k) =>
          bid(bidder(m * 200 + k), 1_000 + (m * 200 + k) * 100, `k-${m * 200 + k}`),
        ),
      ),
    );
    await book.prepare(all);
    for (const one of all) expect(new Set(outcomesOf(book.decide(one)))).toEqual(new Set(["duplicate"]));
    expect(pages.length).toBeGreaterThan(1);
  });
});
