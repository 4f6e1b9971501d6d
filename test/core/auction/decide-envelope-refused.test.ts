import { describe, expect, test } from "vitest";
import type { Auction } from "../../../core/auction/auction.ts";
import { decideEnvelope, type FirstDecision, type KeyBook } from "../../../core/auction/decide-envelope.ts";
import { identify } from "../../../core/auction/identity.ts";
import { decodeEntries, encodeEntries } from "../../../core/auction/record-codec.ts";
import type { Command } from "../../../shared/commands.ts";
import { alice, AUCTION_ID, bid, bob, carol, create, START_MS } from "../../support/builders.ts";

/** An auction that forgets what its records do not say. */
function auction() {
  const taken = new Map<string, FirstDecision>();
  let state: Auction | null = null;
  let seq = 0;
  return (commands: readonly Command[], refused: readonly number[] = []) => {
    const position = { seq: ++seq, atMs: START_MS };
    const places = new Map<string, number>();
    const keys: KeyBook = {
      first: ({ id }) => taken.get(id),
      take({ id }, _, entries) {
        const index = entries.length - 1;
        const entry = entries[index];
        if (entry !== undefined) taken.set(id, { entry, position, index });
        places.set(id, index);
      },
    };
    const read = commands.map((command) => ({ command, identity: identify(AUCTION_ID, command) }));
    const input = { auctionId: AUCTION_ID, auction: state, commands: read, position, keys };
    const decision = decideEnvelope({ ...input, refused: new Set(refused) });
    state = decision.auction;
    const stored = decodeEntries(AUCTION_ID, encodeEntries(decision.entries));
    for (const [id, index] of places) {
      const entry = stored[index];
      if (entry !== undefined) taken.set(id, { entry, position, index });
    }
    return { decision, stored };
  };
}

describe("commands whose bodies cannot be stored", () => {
  test("are refused with actor and key, without body, and change nothing; the others are decided as if they were not there", () => {
    const append = auction();
    append([create()]);
    const { stored, decision } = append(
      [bid(alice, 1_000, "a"), bid(bob, 9_000, "b"), bid(carol, 1_100, "c")],
      [1],
    );
    expect(stored).toMatchObject([
      { actorId: alice, outcome: "accepted", version: 2 },
      {
        kind: "bid",
        actorId: bob,
        key: "b",
        outcome: "rejected",
        reason: "internal_error",
        version: 2,
        price: 1_000,
      },
      { actorId: carol, outcome: "accepted", version: 3 },
    ]);
    expect(stored[1]).not.toHaveProperty("body");
    expect(stored[1]?.bidId).toBeDefined();
    expect(decision.toVersion).toBe(3);
    expect(encodeEntries(decision.entries)).not.toContain("9000");
  });

  test("keep their outcome: whatever comes with the key gets it again, and is not stored either (I9)", () => {
    const append = auction();
    append([create()]);
    append([bid(bob, 9_000, "b")], [0]);
    const { stored, decision } = append([bid(bob, 9_000, "b"), bid(bob, 2_000, "b")]);
    expect(stored).toMatchObject([
      { outcome: "duplicate", of: [2, 0] },
      { outcome: "duplicate", of: [2, 0] },
    ]);
    expect(decision.repeats.get(1)?.entry).toMatchObject({ reason: "internal_error" });
    for (const entry of stored) expect(entry).not.toHaveProperty("body");
  });

  test("do not hide what a key has done before: a refused retry is a duplicate still, and another body is reused (I9)", () => {
    const append = auction();
    append([create()]);
    append([bid(bob, 1_000, "b")]);
    const { stored } = append([bid(bob, 1_000, "b"), bid(bob, 5_000, "b")], [0, 1]);
    expect(stored).toMatchObject([
      { outcome: "duplicate", of: [2, 0] },
      { outcome: "rejected", reason: "idempotency_key_reused" },
    ]);
    for (const entry of stored) expect(entry).not.toHaveProperty("body");
  });
});
