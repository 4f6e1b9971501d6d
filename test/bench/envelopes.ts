import { randomUUID } from "node:crypto";

import { type BidCommand, type Envelope, RULES_VERSION } from "../../shared/commands.ts";
import { auctionIdFor } from "../../shared/ids.ts";
import { slotOf } from "../../shared/slots.ts";
import type { CreateAuction, TermsOf } from "../../shared/terms.ts";
import { WIRE_VERSION } from "../../shared/wire-version.ts";
import { INCREMENT_MINOR, START_PRICE_MINOR } from "./bid-mix.ts";

/** An auction that a benchmark opens; id and slot follow from seller and key. */
export interface BenchLot {
  readonly auctionId: string;
  readonly key: string;
  readonly slot: number;
}

/** Long enough for any run, so that no auction closes under a measurement. */
export const AUCTION_LIFE_MS = 6 * 60 * 60 * 1_000;

export function benchTerms(endsAtMs: number): TermsOf<"english"> {
  return {
    format: "english",
    title: "Benchmark lot",
    currency: "EUR",
    startPrice: START_PRICE_MINOR,
    increment: INCREMENT_MINOR,
    endsAt: endsAtMs,
  };
}

/** What the edge would publish for `POST /v1/auctions`. */
export function createEnvelope(lot: { sellerId: string; key: string; terms: CreateAuction }): Envelope {
  const { sellerId, key, terms } = lot;
  const [aliasSalt, secretSalt] = [randomUUID(), randomUUID()];
  return envelope([
    { type: "create", sellerId, key, body: terms, rules: RULES_VERSION, aliasSalt, secretSalt },
  ]);
}

export const bidEnvelope = (bids: readonly BidCommand[]): Envelope => envelope([...bids]);

function envelope(commands: Envelope["commands"]): Envelope {
  return { v: WIRE_VERSION, id: randomUUID(), origin: "", commands };
}

/** How many keys are tried for each lot that is still missing, before we say that the wished-for slots do not exist. */
const MOST_TRIES_PER_LOT = 10_000;

/**
 * Lots on chosen slots: keys are tried until their auctions hash there. With `distinctSlots`, no two share a slot.
 * Throws when the slots asked for cannot be met.
 */
export function findLots(wish: {
  sellerId: string;
  count: number;
  slots: number;
  accepts: (slot: number) => boolean;
  distinctSlots: boolean;
}): BenchLot[] {
  const lots: BenchLot[] = [];
  const taken = new Set<number>();
  for (let tries = 0; lots.length < wish.count; tries++) {
    if (tries > MOST_TRIES_PER_LOT * wish.count)
      throw new Error(`no ${wish.count} lots on the slots asked for`);
    const key = `lot-${tries}`;
    const auctionId = auctionIdFor(wish.sellerId, key);
    const slot = slotOf(auctionId, wish.slots);
    if (!wish.accepts(slot) || (wish.distinctSlots && taken.has(slot))) continue;
    taken.add(slot);
    lots.push({ auctionId, key, slot });
  }
  return lots;
}
