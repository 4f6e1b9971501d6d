import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { CreateCommand } from "../../../shared/commands.ts";
import { bidderAliasFor, bidIdFor } from "../../../shared/ids.ts";
import { auditOf, checkAudit } from "../../support/audit-file.ts";
import { type AuctionLog, auctionLog } from "../../support/auction-log.ts";
import {
  alice,
  ALIAS_SALT,
  AUCTION_ID,
  bid,
  bob,
  carol,
  create,
  manage,
  olga,
  proxyBid,
  RUN_MS,
  SECRET_SALT,
  sealedTerms,
  START_MS as T,
  tick,
} from "../../support/builders.ts";

const salted = (command: CreateCommand): CreateCommand => ({ ...command, secretSalt: SECRET_SALT });

function sealedLog(): AuctionLog {
  const log = auctionLog();
  log.append([salted(create(sealedTerms({ pricing: "second", reservePrice: 4_321 })))], T);
  log.append([bid(alice, 5_000, "a"), bid(bob, 7_654, "b")], T + 1);
  log.append([bid(carol, 6_500, "c"), bid(alice, 5_000, "a")], T + 2);
  return log;
}

function englishLog(): AuctionLog {
  const log = auctionLog();
  log.append([salted(create()), bid(alice, 1_000, "a")], T);
  log.append([bid(bob, 1_100, "b"), bid(carol, 1_050, "c")], T + 1);
  log.append([bid(alice, 1_250, "a2")], T + 2);
  log.append([tick], T + RUN_MS);
  return log;
}

const closed = (log: AuctionLog): AuctionLog => {
  log.append([tick], T + RUN_MS);
  return log;
};

describe("the audit of a sealed auction", () => {
  test("before the close has neither amounts nor the reserve, and says what cannot be checked yet (I10)", () => {
    const file = auditOf(sealedLog());
    expect(file.join("\n")).not.toMatch(/5000|7654|6500|4321|"reveals":/);
    const report = checkAudit(file);
    expect(report.difference).toBeUndefined();
    expect(report.checked).toEqual(["the chain, line by line up to the head"]);
    expect(report.unchecked).toEqual([
      "the decisions from seq 1 on: secret values are not revealed before the close; fetch the audit again after it",
    ]);
  });

  test("gives no amount away to who tries them all with everything that is public (I10)", () => {
    const log = sealedLog();
    const file = auditOf(log);
    const commitments = new Set([...file.join("\n").matchAll(/"c":"([^"]+)"/g)].map(([, c = ""]) => c));
    expect(commitments.size).toBe(4);
    const texts = (amount: number, seq: number, index: number): string[] => {
      const chain = log.history()[seq - 1]?.chain ?? "";
      return [
        "",
        `${AUCTION_ID}/`,
        `${chain}/`,
        `secret/${AUCTION_ID}/${seq}/${index}/amount/`,
        `${seq}/${index}/`,
      ].map((salt) => `${salt}${amount}`);
    };
    for (let amount = 4_000; amount < 8_000; amount++)
      for (const text of texts(amount, 2, 1).flatMap((one) => [one, digest(one)]))
        expect(commitments.has(digest(text))).toBe(false);
    // Equal amounts do not look equal either.
    const same = auctionLog();
    same.append([salted(create(sealedTerms())), bid(alice, 5_000), bid(bob, 5_000)], T);
    const equal = [
      ...auditOf(same)
        .join("\n")
        .matchAll(/"amount":\{"c":"([^"]+)"/g),
    ].map(([, c]) => c);
    expect(new Set(equal).size).toBe(2);
  });

  test("after the close opens every commitment, and everything can be checked", () => {
    const file = auditOf(closed(sealedLog()));
    const report = checkAudit(file);
    expect(report).toMatchObject({ difference: undefined, unchecked: [], envelopes: 4 });
    expect(report.checked).toContain("4 revealed values against their commitments");
    expect(report.checked).toContain("every decision, the winner, the price and the orders, by the rules");
    expect(JSON.parse(file.at(-1) ?? "")).toMatchObject({
      winner: bidderAliasFor(ALIAS_SALT, bob),
      price: 6_500,
    });
    expect(file.join("\n")).not.toMatch(new RegExp(`"(alice|bob|carol|sam)"|${ALIAS_SALT}|${SECRET_SALT}`));
  });

  test("of a cancelled one stays shut", () => {
    const log = sealedLog();
    log.append([manage(olga, "operator", { action: "cancel", reason: "a fire" })], T + 3);
    const file = auditOf(log);
    expect(file.join("\n")).not.toMatch(/5000|7654|6500|4321|"reveals":/);
    expect(checkAudit(file).unchecked.join()).toContain("because the auction was cancelled");
  });

  test("with another amount revealed than was bid is wrong, and says whose command", () => {
    const file = auditOf(closed(sealedLog())).map((line) => line.replace('"value":7654', '"value":6400'));
    expect(checkAudit(file).difference).toBe(
      "seq 2, command 2: what is revealed as amount is not what was committed to",
    );
  });

  test("without one of its reveals is wrong", () => {
    const file = auditOf(closed(sealedLog())).map((line) =>
      line.startsWith('{"seq":2') ? line.replace(/,"reveals".*/, "}") : line,
    );
    expect(checkAudit(file).difference).toBe(
      "seq 2: 2 values are not revealed, though the header says that all are",
    );
  });
});

describe("the audit of a plain auction can be checked at any time, and", () => {
  test("has the receipts that clients were told, and their bids", () => {
    const log = englishLog();
    const file = auditOf(log);
    for (const { result } of log.history())
      for (const { chain, bidId, seq } of result.outcomes) {
        const report = checkAudit(file, { receipt: chain, bidId });
        expect(report.difference).toBeUndefined();
        expect(report.found.join()).toContain(`the receipt is that of seq ${seq}`);
      }
    const bidId = bidIdFor(AUCTION_ID, carol, "c");
    expect(checkAudit(file, { bidId }).found).toEqual([
      "the bid is command 2 of seq 2: rejected (bid_too_low)",
    ]);
    expect(checkAudit(file, { receipt: "0".repeat(64) }).difference).toBe(
      "the receipt is in no line of this file",
    );
  });

  const changes: [string, (file: string[]) => string[], RegExp][] = [
    [
      "an amount that was changed",
      (file) => file.map((line) => line.replace('{"amount":1050}', '{"amount":1051}')),
      /^seq 2: the chain/,
    ],
    [
      "an outcome that was changed",
      (file) => file.map((line) => line.replace('"rejected"', '"accepted"')),
      /^seq 2: the chain/,
    ],
    ["a bid that was removed", (file) => file.toSpliced(2, 1), /^seq 3: the chain/],
    [
      "two lines that were swapped",
      ([a = "", b = "", c = "", d = "", ...rest]) => [a, b, d, c, ...rest],
      /^seq 3: the chain/,
    ],
    [
      "a time that was changed",
      (file) => file.map((line) => line.replace(`"at":${T + 1}`, `"at":${T + 2}`)),
      /^seq 2: the chain/,
    ],
    [
      "a price of the head",
      (file) => file.map((line) => line.replace('"price":1250,"winner"', '"price":1251,"winner"')),
      /the head: it says price 1251, by the rules it is 1250/,
    ],
    [
      "another winner",
      (file) =>
        file.map((line) => line.replace(/"winner":"[^"]+"/, `"winner":"${bidderAliasFor(ALIAS_SALT, bob)}"`)),
      /the head: it says winner b-/,
    ],
    [
      "an order that went elsewhere",
      (file) => file.map((line) => line.replace(/"orders":\[\[1,"[^"]+"/, '"orders":[[1,"b-x"')),
      /the head: order 1 is/,
    ],
    [
      "a file that was cut off",
      (file) => file.slice(0, -1),
      /^the file was cut off after seq 4: it has no head/,
    ],
    [
      "a line that is none",
      (file) => file.toSpliced(2, 0, "{}"),
      /^the line after seq 1 is none of an audit/,
    ],
    ["another file", () => ["hello"], /^the first line is not the header/],
  ];

  test.each(changes)("%s is found", (_what, change, words) => {
    const file = change(auditOf(englishLog()));
    expect(checkAudit(file).difference).toMatch(words);
  });

  test("a decision that the rules do not make is found, even where the chain was made anew", () => {
    const file = rechained(
      auditOf(englishLog()).map((line) => line.replace('{"amount":1050}', '{"amount":1500}')),
    );
    expect(checkAudit(file).difference).toBe(
      'seq 2, command 2: the file says outcome "rejected", by the rules it is "accepted"',
    );
  });

  test("tells a retry from a reused key, in whatever order they come in one envelope", () => {
    const log = auctionLog();
    log.append([salted(create()), bid(alice, 1_000, "a")], T);
    log.append(
      [bid(alice, 2_000, "a"), bid(alice, 1_000, "a"), bid(bob, 1_100, "b"), bid(bob, 1_100, "b")],
      T + 1,
    );
    expect(checkAudit(auditOf(log))).toMatchObject({ difference: undefined, unchecked: [], commands: 6 });
  });

  test("so can those of older rules, but for their chain, which it does not show", () => {
    const log = auctionLog();
    log.append([{ ...create(), rules: 2 }, proxyBid(alice, 9_000)], T);
    const { result } = closed(log).history()[0] ?? {};
    const file = auditOf(log);
    expect(file.join("\n")).not.toContain('"chain"');
    expect(result?.outcomes[0]).not.toHaveProperty("chain");
    const report = checkAudit(file);
    expect(report).toMatchObject({ difference: undefined });
    expect(report.unchecked.join()).toContain("only operators can check it");
    expect(report.checked).toContain("every decision, the winner, the price and the orders, by the rules");
  });
});

const digest = (text: string): string => createHash("sha256").update(text).digest("base64url");

/** The file as somebody would forge it: with a chain that holds. */
function rechained(file: readonly string[]): string[] {
  let chain = "";
  return file.map((line) => {
    const value = JSON.parse(line) as { seq: number; at: number; record?: unknown; head?: string };
    if (value.head !== undefined) return JSON.stringify({ ...value, head: chain });
    if (value.record === undefined) return line;
    const text = `${chain}\n${value.seq}\n${value.at}\n${JSON.stringify(value.record)}`;
    chain = createHash("sha256").update(text).digest("hex");
    return JSON.stringify({ ...value, chain });
  });
}
