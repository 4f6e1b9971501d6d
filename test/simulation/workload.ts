import {
  type BidCommand,
  type CreateCommand,
  type ManageCommand,
  RULES_VERSION,
} from "../../shared/commands.ts";
import { auctionIdFor } from "../../shared/ids.ts";
import { orderIdOf } from "../../shared/orders.ts";
import type { BidBody } from "../../shared/bids.ts";
import type { AuctionFormat, CreateAuction } from "../../shared/terms.ts";
import type { Random } from "./random.ts";
import { WORLD_START_MS } from "./world.ts";

/** An auction of a simulated run, known before it is created. */
export interface Lot {
  readonly auctionId: string;
  readonly key: string;
  readonly terms: CreateAuction;
}

/** A command with somebody who waits for its outcome. */
export type AskedCommand = BidCommand | CreateCommand | ManageCommand;

export const SELLER = "seller";
export const OPERATOR = "operator";

const listing = { title: "A lot", currency: "EUR" } as const;

/** One lot of each format, and a second drop: stock is what goes wrong first. */
export function chooseLots(random: Random): Lot[] {
  const formats: AuctionFormat[] = ["english", "drop", "dutch", "sealed", "drop"];
  return formats.map((format, i) => {
    const key = `lot-${i}-${random.whole(1, 1_000_000)}`;
    return { key, auctionId: auctionIdFor(SELLER, key), terms: chooseTerms(format, random) };
  });
}

function chooseTerms(format: AuctionFormat, random: Random): CreateAuction {
  const endsAt = WORLD_START_MS + random.whole(5_000, 16_000);
  switch (format) {
    case "english":
      return {
        format,
        ...listing,
        endsAt,
        startPrice: 100,
        increment: 10,
        ...(random.chance(0.5) ? { reservePrice: random.whole(100, 400) } : {}),
        ...(random.chance(0.5) ? { softClose: { windowMs: 500, extendMs: 700, maxExtensions: 5 } } : {}),
        ...(random.chance(0.5) ? { settlement: { payWithinMs: 1_000, secondChance: true } } : {}),
      };
    case "dutch": {
      const units = random.whole(1, 6);
      return { format, ...listing, startPrice: 1_000, floorPrice: 200, stepAmount: 50, stepMs: 700, units };
    }
    case "sealed":
      return { format, ...listing, endsAt, pricing: random.pick(["first", "second"] as const) };
    case "drop":
      return {
        format,
        ...listing,
        endsAt,
        price: 500,
        units: random.whole(1, 8),
        perBidder: random.whole(1, 2),
        ...(random.chance(0.6) ? { holdMs: random.whole(500, 3_000) } : {}),
      };
  }
}

/** The command that puts the lot up. */
export const createOf = ({ key, terms }: Lot): CreateCommand => ({
  type: "create",
  sellerId: SELLER,
  key,
  body: terms,
  rules: RULES_VERSION,
  aliasSalt: "salt-of-the-simulation-1",
  secretSalt: "secret-of-the-simulation",
});

/** What a bidder does next on a lot: mostly a bid. */
export function chooseCommand(
  lot: Lot,
  who: { bidderId: string; key: string },
  random: Random,
): BidCommand | ManageCommand {
  const { bidderId, key } = who;
  if (random.chance(0.9)) return { type: "bid", bidderId, key, body: chooseBody(lot.terms.format, random) };
  const orderId = orderIdOf(lot.auctionId, random.whole(1, 6));
  const reason = "of the simulation";
  return random.pick([
    manage(bidderId, "bidder", key, { action: "release", orderId }),
    manage(SELLER, "seller", key, { action: "confirm", orderId }),
    manage(OPERATOR, "operator", key, { action: "retract", bidId: "any", bidderId, reason }),
    manage(OPERATOR, "operator", key, { action: "block", bidderId, reason }),
    manage(OPERATOR, "operator", key, { action: "unblock", bidderId, reason }),
  ]);
}

const manage = (
  actorId: string,
  role: ManageCommand["role"],
  key: string,
  body: ManageCommand["body"],
): ManageCommand => ({ type: "manage", actorId, role, key, body });

function chooseBody(format: AuctionFormat, random: Random): BidBody {
  const amount = random.whole(1, 60) * 10 + 50;
  switch (format) {
    case "english":
      return random.chance(0.4) ? { maxAmount: amount + 50 } : { amount };
    case "dutch":
      return { amount: random.whole(200, 1_000), ...(random.chance(0.3) ? { quantity: 2 } : {}) };
    case "sealed":
      return { amount };
    case "drop":
      return {
        ...(random.chance(0.3) ? { quantity: 2 } : {}),
        ...(random.chance(0.4) ? { waitlist: true } : {}),
      };
  }
}
