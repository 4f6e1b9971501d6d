import type { Lot } from "./lots.ts";
import type { Knowledge } from "./knowledge.ts";
import type { LoadContext, Notebook } from "./load-context.ts";
import { type Pursuit, pursue } from "./pursuit.ts";

/** After a room's feed says that it is over, bidders go on for so long: late bids must be refused. */
const LATE_BIDDING_MS = 300;

/** Bids of one room; then it goes on without, until its end. */
const MAX_BIDS_PER_ROOM = 3_000;

/** A bidder's place in a room. */
export interface BidderPlace {
  readonly auctionId: string;
  readonly bidderId: string;
  readonly token: string;
  readonly lot: Lot;
  readonly knowledge: Knowledge;
  readonly notebook: Notebook;
  readonly room: { bids: number };
  /** Unique in the room. */
  readonly name: string;
}

/** Whether the bidder should think of another bid. */
export function goesOn(context: LoadContext, { knowledge, room }: BidderPlace): boolean {
  if (context.stopping || room.bids >= MAX_BIDS_PER_ROOM) return false;
  return knowledge.overSinceMs === null || Date.now() - knowledge.overSinceMs < LATE_BIDDING_MS;
}

/** A new bid with a key of its own. */
export function newBid(context: LoadContext, place: BidderPlace, made: number): Pursuit {
  const { bidderId, lot, knowledge, notebook, room, name } = place;
  room.bids++;
  const body = lot.bid(context.random, knowledge);
  return pursue(context, notebook, { kind: "bid", actorId: bidderId, key: `${name}-${made}`, body });
}

/** Around the mean, so that a room's bidders do not fall into step. */
export const thinkMs = (context: LoadContext): number => context.random.next() * 2 * context.job.thinkMs;
