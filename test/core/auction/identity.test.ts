import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { chainAfter, fingerprintOf, identify } from "../../../core/auction/identity.ts";
import { auctionIdFor, bidIdFor, manageIdFor } from "../../../shared/ids.ts";
import { alice, AUCTION_ID, bid, create, CREATE_KEY, manage, sam, tick } from "../../support/builders.ts";
import { PROPERTY_RUNS, PROPERTY_TIMEOUT_MS } from "../../support/property-runs.ts";
import frozen from "./frozen-records.json" with { type: "json" };

test("a bid is known by auction, bidder and key", () => {
  expect(identify(AUCTION_ID, bid(alice, 1_000, "k"))?.id).toBe(bidIdFor(AUCTION_ID, alice, "k"));
});

test("a create is known by seller and key, and its id is the auction's", () => {
  expect(identify(AUCTION_ID, create())?.id).toBe(auctionIdFor(sam, CREATE_KEY));
});

test("what owners and operators ask is known by auction, actor and key, apart from a bid's", () => {
  const cancel = manage(sam, "seller", { action: "cancel", reason: "damaged" }, "k");
  expect(identify(AUCTION_ID, cancel)?.id).toBe(manageIdFor(AUCTION_ID, sam, "k"));
  expect(identify(AUCTION_ID, cancel)?.id).not.toBe(identify(AUCTION_ID, bid(sam, 1_000, "k"))?.id);
});

test("a tick is known by nothing", () => {
  expect(identify(AUCTION_ID, tick)).toBeUndefined();
});

test(
  "a fingerprint is the first 48 bits of the digest behind the id",
  { timeout: PROPERTY_TIMEOUT_MS },
  () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        const id = Buffer.from(bytes).toString("base64url");
        const fingerprint = fingerprintOf(id);
        expect(fingerprint).toBe(Buffer.from(bytes).readUIntBE(0, 6));
        expect(Number.isSafeInteger(fingerprint)).toBe(true);
      }),
      { numRuns: PROPERTY_RUNS },
    );
  },
);

test("a fingerprint tells every character of the alphabet from every other", () => {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".split("");
  expect(alphabet.map((character) => fingerprintOf(`AAAAAAA${character}`))).toEqual(
    alphabet.map((_, i) => i),
  );
});

test("the audit chain can be checked with any SHA-256: previous link, sequence, time and record, a line each", () => {
  // Later rules hash what may be shown of the record: `test/infra/verify-audit/` checks those.
  const older = Object.entries(frozen).filter(([name]) => !name.endsWith("Shown"));
  expect(older.length).toBe(7);
  for (const [, { records, positions, chain }] of older) {
    let link = "";
    records.forEach((record, i) => {
      const { seq, atMs } = positions[i] ?? {};
      const text = [link, seq, atMs, JSON.stringify(record)].join("\n");
      link = createHash("sha256").update(text, "utf8").digest("hex");
      expect(link).toBe(chain[i]);
    });
  }
});

test("a link changes with everything that it covers", () => {
  const base = chainAfter("a", { seq: 1, atMs: 2 }, "[]");
  const others = [
    chainAfter("b", { seq: 1, atMs: 2 }, "[]"),
    chainAfter("a", { seq: 2, atMs: 2 }, "[]"),
    chainAfter("a", { seq: 1, atMs: 3 }, "[]"),
    chainAfter("a", { seq: 1, atMs: 2 }, "[{}]"),
  ];
  expect(new Set([base, ...others]).size).toBe(5);
});
