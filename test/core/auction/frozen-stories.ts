import type { Command } from "../../../shared/commands.ts";
import type { ManageBody } from "../../../shared/manage.ts";
import {
  alice,
  bid,
  bidOf,
  bob,
  buyNow,
  carol,
  claim,
  create,
  dave,
  dropTerms,
  dutchTerms,
  manage,
  olga,
  orderId,
  proxyBid,
  RUN_MS,
  sam,
  SECRET_SALT,
  sealedTerms,
  START_MS,
  tick,
} from "../../support/builders.ts";

/** Envelopes of one auction, each at its moment. `null`: a command that cannot be read. */
export type FrozenStory = readonly (readonly [atMs: number, commands: readonly (Command | null)[]])[];

const T = START_MS;
const ENDS = T + RUN_MS;

const byOperator = (body: ManageBody, key: string) => manage(olga, "operator", body, key);
const settled = (action: "confirm" | "release" | "expire", number: number, key: string) =>
  byOperator({ action, orderId: orderId(number), reason: "as agreed" }, key);

/** What the first version of the wire knew: a plain english auction, whose records must stay what they were. */
const plainEnglish: FrozenStory = [
  [T, [{ ...create({ startsAt: T + 10 }), rules: 1 }]],
  [T + 10, [bid(alice, 1_000, "a"), bid(alice, 1_000, "a"), bid(bob, 1_050, "b")]],
  [ENDS, [null, tick]],
  [ENDS + 1, [tick, bid(bob, 9_000, "c"), bid(bob, 9_001, "c")]],
];

const english: FrozenStory = [
  [
    T,
    [
      {
        ...create({
          reservePrice: 3_000,
          increment: [
            { from: 0, step: 100 },
            { from: 5_000, step: 250 },
          ],
          softClose: { windowMs: 10_000, extendMs: 15_000, maxExtensions: 3 },
          settlement: { payWithinMs: 5_000, secondChance: true },
        }),
        secretSalt: SECRET_SALT,
      },
    ],
  ],
  [T + 1, [proxyBid(alice, 2_000, "a"), bid(bob, 1_100, "b"), proxyBid(alice, 4_000, "a2")]],
  [T + 2, [bidOf(alice, { amount: 3_200, maxAmount: 4_500 }, "a3"), proxyBid(alice, 4_000, "a4")]],
  [T + 3, [proxyBid(carol, 6_000, "c"), bid(bob, 4_650, "b2"), bid(dave, 9_000, "d")]],
  [
    T + 4,
    [
      byOperator({ action: "retract", bidId: "bid-of-dave", bidderId: dave, reason: "a slip" }, "o1"),
      byOperator({ action: "block", bidderId: dave, reason: "chargebacks" }, "o2"),
      bid(dave, 9_000, "d2"),
      byOperator({ action: "unblock", bidderId: dave, reason: "a mistake" }, "o3"),
      manage(sam, "seller", { action: "change_end", endsAt: ENDS + 1, reason: "a holiday" }, "s1"),
    ],
  ],
  [ENDS - 10_000, [bid(bob, 4_750, "b3")]],
  [ENDS + 5_000, [tick]],
  [ENDS + 10_000, [tick]],
  [ENDS + 10_001, [settled("confirm", 2, "o4"), settled("confirm", 2, "o5")]],
];

const englishBuyNow: FrozenStory = [
  [T, [create({ buyNowPrice: 8_000, settlement: { payWithinMs: 5_000 } })]],
  [T + 1, [buyNow(alice, "a"), buyNow(bob, "b")]],
  [T + 2, [manage(alice, "bidder", { action: "release", orderId: orderId(1) }, "a2")]],
  [T + 3, [byOperator({ action: "second_chance", orderId: orderId(1) }, "o1")]],
];

const englishEnded: FrozenStory = [
  [T, [create(), bid(alice, 1_000, "a"), bid(bob, 1_100, "b")]],
  [T + 1, [manage(sam, "seller", { action: "end", reason: "in a hurry" }, "s1")]],
  [T + 2, [settled("release", 1, "o1")]],
  [T + 3, [byOperator({ action: "second_chance", orderId: orderId(1), reason: "never paid" }, "o2")]],
];

const dutch: FrozenStory = [
  [T, [create(dutchTerms({ startsAt: T + 10, units: 4 }))]],
  [T + 1, [manage(sam, "seller", { action: "change_end", endsAt: ENDS, reason: "a holiday" }, "s1")]],
  [T + 1_010, [bid(alice, 899, "a"), bidOf(alice, { amount: 900, quantity: 3 }, "a2")]],
  [T + 3_010, [bidOf(bob, { amount: 900, quantity: 2 }, "b"), settled("release", 1, "o1")]],
  [T + 3_011, [bidOf(bob, { amount: 900, quantity: 5, partial: true }, "b2"), bid(alice, 900, "a3")]],
];

const sealed: FrozenStory = [
  [T, [{ ...create(sealedTerms({ pricing: "second", reservePrice: 1_500 })), secretSalt: SECRET_SALT }]],
  [T + 1, [bid(alice, 2_000, "a"), bid(bob, 3_000, "b"), bid(carol, 2_500, "c"), bid(alice, 2_500, "a2")]],
  [T + 2, [byOperator({ action: "retract", bidId: "bid-of-bob", bidderId: bob, reason: "a slip" }, "o1")]],
  [ENDS, [bid(bob, 4_000, "b2")]],
];

const drop: FrozenStory = [
  [T, [create(dropTerms({ units: 3, perBidder: 2, holdMs: 5_000 }))]],
  [T + 1, [claim(alice, { quantity: 2 }, "a"), claim(bob, { quantity: 2, waitlist: true }, "b")]],
  [T + 2, [claim(carol, {}, "c"), claim(carol, { waitlist: true }, "c2"), claim(bob, {}, "b2")]],
  [T + 3, [settled("confirm", 2, "o1"), settled("expire", 1, "o2")]],
  [T + 5_003, [tick]],
  [T + 5_004, [manage(sam, "seller", { action: "cancel", reason: "recalled" }, "s1"), claim(dave, {}, "d")]],
];

/** As it was told when rules 2 were the newest. */
const byRulesTwo = (story: FrozenStory): FrozenStory =>
  story.map(([atMs, commands]) => [
    atMs,
    commands.map((command) => (command?.type === "create" ? { ...command, rules: 2 } : command)),
  ]);

/** Every kind of command and event at least once, by the rules of each time. */
export const frozenStories = {
  plainEnglish,
  english: byRulesTwo(english),
  englishBuyNow: byRulesTwo(englishBuyNow),
  englishEnded: byRulesTwo(englishEnded),
  dutch: byRulesTwo(dutch),
  sealed: byRulesTwo(sealed),
  drop: byRulesTwo(drop),
  englishShown: english,
  englishBuyNowShown: englishBuyNow,
  englishEndedShown: englishEnded,
  dutchShown: dutch,
  sealedShown: sealed,
  dropShown: drop,
} satisfies Record<string, FrozenStory>;
