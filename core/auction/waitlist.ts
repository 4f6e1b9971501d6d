import type { Auction, AuctionOf } from "./auction.ts";
import { bidderOf, type Bidders, type Waiting, withBidder } from "./bidder.ts";
import type { PlacedOrder } from "./events.ts";
import { InvariantError } from "./invariant-error.ts";
import { ordersPlaced } from "./order.ts";
import { PersistentMap } from "./persistent-map.ts";
import type { Story } from "./story.ts";

/** Who waits at which place. Persistent, like the bidders, who know the same. */
export type Queue = PersistentMap<number, string>;

export const NO_QUEUE: Queue = PersistentMap.empty();

/** Who waits, found again from what the bidders know. */
export function queueOf(bidders: Bidders): Queue {
  return PersistentMap.of(
    bidders.values().flatMap(({ id, waiting }) => waiting.map(({ place }): [number, string] => [place, id])),
  );
}

/** The waitlist's part of a drop's book. */
export interface WaitlistBook {
  /** Units that are waited for. */
  readonly waiting: number;
  /** No place below this one is taken. */
  readonly head: number;
  /** The place that the next one gets. */
  readonly tail: number;
}

export const EMPTY_WAITLIST: WaitlistBook = { waiting: 0, head: 1, tail: 1 };

type Drop = AuctionOf<"drop">;

/**
 * Gives free units to those who wait, in the order in which they came. Whoever waits for several takes them as they come
 * back and keeps the place for the rest, so no free unit ever waits for a second one.
 */
export function serveWaitlist(auction: Drop, story: Story): void {
  const { price } = auction.terms;
  let { remaining, waiting, head } = auction.book;
  const { tail } = auction.book;
  const orders: PlacedOrder[] = [];
  for (; remaining > 0 && waiting > 0; head++) {
    if (head >= tail) throw new InvariantError(`${waiting} units are waited for at no place`);
    const bidderId = auction.queue.get(head);
    if (bidderId === undefined) continue;
    const wanted = placeOf(auction, bidderId, head).quantity;
    const quantity = Math.min(wanted, remaining);
    orders.push({ bidderId, quantity, unitPriceMinor: price });
    remaining -= quantity;
    waiting -= quantity;
  }
  if (orders.length > 0) story.tell(ordersPlaced(story.auction, "waitlist", orders, story.atMs));
}

export function withJoined(
  auction: Drop,
  joined: { readonly bidderId: string; readonly place: number; readonly quantity: number },
): Pick<Auction, "bidders" | "queue"> & { book: WaitlistBook } {
  const { bidderId, place, quantity } = joined;
  const { waiting } = bidderOf(auction.bidders, bidderId);
  return {
    bidders: withBidder(auction.bidders, bidderId, { waiting: [...waiting, { place, quantity }] }),
    queue: auction.queue.set(place, bidderId),
    book: { waiting: auction.book.waiting + quantity, head: auction.book.head, tail: place + 1 },
  };
}

/** After orders from the waitlist: each took from the first place that was left. */
export function withServed(
  auction: Drop,
  orders: readonly PlacedOrder[],
): Pick<Auction, "bidders" | "queue"> & { book: WaitlistBook } {
  let { bidders, queue } = auction;
  let { waiting, head } = auction.book;
  for (const { bidderId, quantity } of orders) {
    while (queue.get(head) === undefined && head < auction.book.tail) head++;
    const { quantity: wanted } = placeOf({ bidders }, bidderId, head);
    const left = wanted - quantity;
    bidders = withPlace(bidders, bidderId, { place: head, quantity: left });
    if (left === 0) queue = queue.delete(head++);
    waiting -= quantity;
  }
  return { bidders, queue, book: { waiting, head, tail: auction.book.tail } };
}

/** After a bidder was taken off the waitlist. */
export function withoutWaiting(
  auction: Drop,
  bidderId: string,
): Pick<Auction, "bidders" | "queue"> & { book: WaitlistBook } {
  const { waiting } = bidderOf(auction.bidders, bidderId);
  let { queue } = auction;
  let units = auction.book.waiting;
  for (const { place, quantity } of waiting) {
    queue = queue.delete(place);
    units -= quantity;
  }
  const { head, tail } = auction.book;
  return {
    bidders: withBidder(auction.bidders, bidderId, { waiting: [] }),
    queue,
    book: { waiting: units, head, tail },
  };
}

function placeOf({ bidders }: { bidders: Bidders }, bidderId: string, place: number): Waiting {
  const found = bidderOf(bidders, bidderId).waiting.find((waiting) => waiting.place === place);
  if (found === undefined) throw new InvariantError(`${bidderId} does not wait at place ${place}`);
  return found;
}

function withPlace(bidders: Bidders, bidderId: string, now: Waiting): Bidders {
  const waiting = bidderOf(bidders, bidderId).waiting.filter(({ place }) => place !== now.place);
  return withBidder(bidders, bidderId, { waiting: now.quantity === 0 ? waiting : [now, ...waiting] });
}
