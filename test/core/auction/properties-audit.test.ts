import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeEntries, encodeEntries } from "../../../core/auction/record-codec.ts";
import { beginReplay, replayEntries } from "../../../core/auction/replay.ts";
import { auditOf, checkAudit } from "../../support/audit-file.ts";
import { ALIAS_SALT, AUCTION_ID, olga, SECRET_SALT } from "../../support/builders.ts";
import { PROPERTY_RUNS, PROPERTY_TIMEOUT_MS } from "../../support/property-runs.ts";
import { story } from "./arbitraries.ts";
import { BIDDERS } from "./bid-arbitraries.ts";
import { frozenStories } from "./frozen-stories.ts";
import { decided } from "./telling.ts";
import { auctionLog } from "../../support/auction-log.ts";

const options = { timeout: PROPERTY_TIMEOUT_MS };
const runs = { numRuns: PROPERTY_RUNS };

function replays(log: ReturnType<typeof decided>): void {
  const replay = beginReplay(AUCTION_ID);
  for (const { position, record, chain } of log.history()) {
    const again = replayEntries(replay, position, decodeEntries(AUCTION_ID, record));
    expect(again.record).toBe(record);
    expect(again.chain).toBe(chain);
  }
}

test(
  "the records of any story suffice to decide it again: the same bytes, the same chain (I2)",
  options,
  () => {
    fc.assert(
      fc.property(story, (told) => replays(decided(told))),
      runs,
    );
  },
);

test.each(Object.entries(frozenStories))("so do those of older rules (%s)", (_name, told) => {
  const log = auctionLog();
  for (const [atMs, commands] of told) log.append(commands, atMs);
  replays(log);
});

test("entries are written as JSON.stringify would", options, () => {
  fc.assert(
    fc.property(story, (told) => {
      for (const { record } of decided(told).history())
        expect(encodeEntries(decodeEntries(AUCTION_ID, record))).toBe(JSON.stringify(JSON.parse(record)));
    }),
    runs,
  );
});

test(
  "the audit of any story can be checked by anybody, at any time, and tells nobody's id, key or salt (I10)",
  options,
  () => {
    let replayed = 0;
    fc.assert(
      fc.property(story, fc.nat(), (told, stop) => {
        const log = decided(told);
        const upTo = 1 + (stop % log.history().length);
        const file = auditOf(log, upTo);
        if (file.length === 0) return;
        const report = checkAudit(file);
        expect(report.difference).toBeUndefined();
        if (!report.unchecked.some((words) => words.startsWith("the decisions"))) replayed++;
        const text = file.join("\n");
        for (const id of [...BIDDERS, olga]) expect(text).not.toContain(JSON.stringify(id));
        expect(text).not.toMatch(/"(key-|lot-)\d/);
        expect(text).not.toContain(ALIAS_SALT);
        expect(text).not.toContain(SECRET_SALT);
      }),
      runs,
    );
    expect(replayed).toBeGreaterThan(0);
  },
);
