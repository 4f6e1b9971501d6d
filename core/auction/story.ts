import type { Auction } from "./auction.ts";
import type { AuctionEvent } from "./events.ts";
import { evolve } from "./evolve.ts";

/** A decision while it is made: what has happened so far, and the auction as it is after that. */
export interface Story {
  readonly auction: Auction;
  readonly events: readonly AuctionEvent[];
  readonly atMs: number;
  tell(event: AuctionEvent): void;
}

export const beginStory = (auction: Auction, atMs: number): Story => new Telling(auction, atMs);

const NOTHING: readonly AuctionEvent[] = [];

/** A class, because every command begins a story, and most of them, refused, end it without an event. */
class Telling implements Story {
  auction: Auction;
  events = NOTHING;
  readonly atMs: number;

  constructor(auction: Auction, atMs: number) {
    this.auction = auction;
    this.atMs = atMs;
  }

  tell(event: AuctionEvent): void {
    this.auction = evolve(this.auction, event);
    if (this.events === NOTHING) this.events = [event];
    else (this.events as AuctionEvent[]).push(event);
  }
}
