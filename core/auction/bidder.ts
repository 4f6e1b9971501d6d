import { PersistentMap } from "./persistent-map.ts";

/** An offer that stands: what an english or sealed auction knows of a bidder. */
export interface Standing {
  /** The most that the bidder offers, secret as long as it is not needed; minor units. */
  readonly maxMinor: number;
  /** The highest amount that the bidder has named openly; 0 without one. */
  readonly floorMinor: number;
  /** The version at which the maximum was reached: of two equal ones the earlier is better. */
  readonly order: number;
  readonly atMs: number;
}

/** Units that a bidder waits for. */
export interface Waiting {
  readonly place: number;
  readonly quantity: number;
}

/** What an auction knows of one bidder; one row of Postgres. */
export interface Bidder {
  readonly id: string;
  readonly blocked: boolean;
  /** English and sealed. */
  readonly standing: Standing | null;
  /** Dutch and drop: units of orders that are pending or confirmed. */
  readonly units: number;
  readonly waiting: readonly Waiting[];
  /** The log's clock of the newest accepted bid; 0 without one. */
  readonly bidAtMs: number;
}

/** Persistent: every version of an auction keeps its own, and shares what has not changed. */
export type Bidders = PersistentMap<string, Bidder>;

export const NO_BIDDERS: Bidders = PersistentMap.empty();

export const bidderOf = (bidders: Bidders, id: string): Bidder =>
  bidders.get(id) ?? { id, blocked: false, standing: null, units: 0, waiting: [], bidAtMs: 0 };

/** With some of a bidder's fields changed. */
export const withBidder = (bidders: Bidders, id: string, change: Partial<Bidder>): Bidders =>
  bidders.set(id, { ...bidderOf(bidders, id), ...change });

export const unitsWaited = (bidder: Bidder): number =>
  bidder.waiting.reduce((sum, { quantity }) => sum + quantity, 0);

/** Whether `a` goes before `b`: the higher maximum, of two equal ones the earlier. */
export const isBetter = (a: Standing, b: Standing): boolean =>
  a.maxMinor !== b.maxMinor ? a.maxMinor > b.maxMinor : a.order < b.order;
