import { describe, expect, test } from "vitest";
import type { AuctionEvent } from "../../../core/auction/events.ts";
import { decodeEntries } from "../../../core/auction/record-codec.ts";
import { manageBodySchema } from "../../../shared/manage.ts";
import { auctionLog } from "../../support/auction-log.ts";
import { AUCTION_ID } from "../../support/builders.ts";
import { plainAuction } from "../../support/plain-auction.ts";
import frozen from "./frozen-records.json" with { type: "json" };
import { frozenStories } from "./frozen-stories.ts";

type Name = keyof typeof frozenStories;
const names = Object.keys(frozenStories) as Name[];

function told(name: Name, options: { forgetful?: boolean } = {}) {
  const log = auctionLog(options);
  for (const [atMs, commands] of frozenStories[name]) log.append(commands, atMs);
  return log;
}

describe("the records of a log (I2)", () => {
  test.each(names)(
    "are these bytes, this chain and this auction, for ever: stored logs, their readers and successors rely on them (%s)",
    (name) => {
      const { records, chain, auction } = frozen[name];
      const log = told(name);
      expect(log.history().map((appended) => JSON.parse(appended.record) as unknown)).toEqual(records);
      expect(log.history().map((appended) => appended.record)).toEqual(
        records.map((record) => JSON.stringify(record)),
      );
      expect(log.history().map((appended) => appended.chain)).toEqual(chain);
      expect(JSON.parse(JSON.stringify(plainAuction(log.auction())))).toEqual(auction);
    },
  );

  test.each(names)("are the same when every envelope finds only what the database holds (%s)", (name) => {
    const whole = told(name).history();
    const forgetful = told(name, { forgetful: true }).history();
    expect(forgetful.map(({ record }) => record)).toEqual(whole.map(({ record }) => record));
    expect(forgetful.map(({ wireText }) => wireText)).toEqual(whole.map(({ wireText }) => wireText));
  });

  test.each(names)("are read back as the entries that were written (%s)", (name) => {
    for (const { record, decision } of told(name).history())
      expect(decodeEntries(AUCTION_ID, record)).toEqual(decision.entries);
  });
});

describe("the frozen records", () => {
  const entries = names.flatMap((name) =>
    told(name)
      .history()
      .flatMap(({ decision }) => decision.entries),
  );

  test("have every kind of event", () => {
    const types: Record<AuctionEvent["type"], boolean> = {
      auction_created: true,
      auction_opened: true,
      bid_accepted: true,
      counter_bid: true,
      maximum_raised: true,
      bought_now: true,
      sealed_bid: true,
      price_dropped: true,
      waitlist_joined: true,
      orders_placed: true,
      orders_settled: true,
      auction_extended: true,
      end_changed: true,
      bids_retracted: true,
      bidder_blocked: true,
      auction_closed: true,
      auction_cancelled: true,
    };
    const seen = new Set<string>(entries.flatMap(({ events = [] }) => events.map(({ type }) => type)));
    expect(seen).toEqual(new Set(Object.keys(types)));
  });

  test("have every action of owners, operators and buyers", () => {
    const actions = manageBodySchema.options.map(({ shape }) => shape.action.value);
    const bodies = entries.flatMap(({ kind, body = {} }) => (kind === "manage" ? [body] : []));
    const seen = new Set(bodies.map((body) => ("action" in body ? body.action : undefined)));
    expect(seen).toEqual(new Set<unknown>(actions));
  });
});
