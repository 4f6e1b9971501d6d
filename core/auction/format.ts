import type { BidField } from "../../shared/bids.ts";
import type { BidCommand } from "../../shared/commands.ts";
import type { OutcomeDetail } from "../../shared/outcomes.ts";
import type { AuctionFormat, TermsOf } from "../../shared/terms.ts";
import type { Auction, AuctionOf, AuctionState, Books, Winner } from "./auction.ts";
import type { BookEvent, PlacedOrder } from "./events.ts";
import type { Rejection } from "./rejection.ts";
import type { Story } from "./story.ts";

/** A bidder's best amount that everybody may see. */
export interface Leader {
  readonly bidderId: string;
  readonly amountMinor: number;
  readonly atMs: number;
}

/** What of an auction a format changes with an event. */
export type BookChange<F extends AuctionFormat> = Partial<
  Pick<Auction, "bidders" | "queue" | "bidCount"> & { readonly book: Books[F] }
>;

/** An accepted bid has told its events; what its outcome says beyond that, if anything. */
export interface Accepted {
  readonly detail?: OutcomeDetail;
}

/**
 * What a format decides for itself. The aggregate (`decide.ts`) has settled before it is asked that the auction is
 * open at `story.atMs`, that every deadline was met, that the bidder may bid, that the bid has no foreign field, and that the key is new. Nothing here
 * reads a clock or rolls a die.
 */
export interface Format<F extends AuctionFormat> {
  /** What a bid of this format may have; a field beside these is refused before `decideBid` is asked. */
  readonly bidFields: readonly BidField[];
  endsAtMs(terms: TermsOf<F>, startsAtMs: number): number;
  initialBook(terms: TermsOf<F>): Books[F];
  /** Tells the events of an accepted bid, or returns why it is refused and tells nothing. */
  decideBid(auction: AuctionOf<F>, bid: BidCommand, story: Story): Accepted | Rejection;
  evolve(auction: AuctionOf<F>, event: BookEvent): BookChange<F>;
  /** When the log's clock next changes the open auction beside its end and its orders; null when it does not. */
  nextStepMs(auction: AuctionOf<F>): number | null;
  /** Tells what the clock has changed at such a moment. */
  step(auction: AuctionOf<F>, story: Story): void;
  /** The end has come: who has won, if one bidder does. */
  settle(auction: AuctionOf<F>): Winner | null;
  /** Orders were released or have expired: tells who gets their units instead. */
  reassign(auction: AuctionOf<F>, story: Story): void;
  /** Whom a lot is offered whose order came to nothing; undefined where there is nobody, null where the format knows no such thing. */
  runnerUp(auction: AuctionOf<F>): PlacedOrder | undefined | null;

  /** The public price, in minor units; null without one. */
  price(auction: AuctionOf<F, AuctionState>): number | null;
  /** The least that a bid must offer now, in minor units; null when none can, or no amount is asked. */
  minimumBid(auction: AuctionOf<F, AuctionState>): number | null;
  /** Each bidder's best that everybody may see, the best first. */
  leaders(auction: AuctionOf<F, AuctionState>): readonly Leader[];
}
