import fc from "fast-check";
import type { ManageAction } from "../../../shared/manage.ts";
import { AUCTION_ID, olga, sam } from "../../support/builders.ts";
import type { NaiveAuction } from "../../support/naive/state.ts";
import { bidder, BIDDERS, seldom } from "./bid-arbitraries.ts";

export interface ManageSeed {
  readonly type: "manage";
  readonly actor: string;
  readonly role: "bidder" | "seller" | "operator";
  readonly action: ManageAction;
  readonly bidder: string;
  /** Whoever bid last, rather. */
  readonly latest: boolean;
  /** Which of the orders, the newest first; past the oldest: one that does not exist. */
  readonly order: number;
  /** Of another auction. */
  readonly foreign: boolean;
  /** The new end, so much after now, or after the start if that is later. */
  readonly endsInMs: number;
  readonly fromStart: boolean;
}

/** Mostly those who may, now and then anybody. */
const actor = fc.oneof(
  { weight: 9, arbitrary: fc.constant({ actor: olga, role: "operator" as const }) },
  { weight: 3, arbitrary: fc.constant({ actor: sam, role: "seller" as const }) },
  {
    weight: 3,
    arbitrary: fc.record({ actor: fc.constantFrom(...BIDDERS), role: fc.constant("bidder" as const) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      actor: fc.constantFrom(...BIDDERS, olga),
      role: fc.constantFrom("bidder" as const, "seller" as const, "operator" as const),
    }),
  },
);

/** What ends a story comes seldom. */
const action = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom<ManageAction>("cancel", "end") },
  { weight: 2, arbitrary: fc.constant<ManageAction>("change_end") },
  { weight: 9, arbitrary: fc.constantFrom<ManageAction>("block", "unblock", "retract", "retract") },
  {
    weight: 16,
    arbitrary: fc.constantFrom<ManageAction>("confirm", "release", "release", "expire", "second_chance"),
  },
);

export const manageSeeds: fc.Arbitrary<ManageSeed> = fc
  .record({
    who: actor,
    action,
    bidder,
    latest: fc.boolean(),
    order: fc.constantFrom(0, 0, 0, 0, 1, 1, 2, 3),
    foreign: seldom(20),
    endsInMs: fc.oneof(fc.constantFrom(-1, 0, 1), fc.integer({ min: -30, max: 300 })),
    fromStart: fc.boolean(),
  })
  .map(({ who, ...rest }) => ({ type: "manage" as const, ...who, ...rest }));

/** The body that a seed means now. */
export function manageBody(auction: NaiveAuction, seed: ManageSeed, at: number): Record<string, unknown> {
  const { action: asked } = seed;
  const bidderId = (seed.latest ? auction.moves.at(-1)?.bidderId : undefined) ?? seed.bidder;
  const reason = `because of ${asked}`;
  switch (asked) {
    case "cancel":
    case "end":
      return { action: asked, reason };
    case "change_end": {
      const endsAt = (seed.fromStart ? Math.max(at, auction.startsAt) : at) + seed.endsInMs;
      return { action: asked, endsAt: seed.foreign ? new Date(endsAt).toISOString() : endsAt, reason };
    }
    case "block":
    case "unblock":
      return { action: asked, bidderId, reason };
    case "retract":
      return { action: asked, bidderId, bidId: "a-bid", reason };
    case "confirm":
    case "release":
    case "expire":
    case "second_chance": {
      const newest = auction.orders.length;
      const number = newest > seed.order ? newest - seed.order : newest + 1 + seed.order;
      const orderId = `${seed.foreign ? "another-auction" : AUCTION_ID}-${number}`;
      return asked === "expire" ? { action: asked, orderId, reason } : { action: asked, orderId };
    }
  }
}
