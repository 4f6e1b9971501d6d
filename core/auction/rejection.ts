import type { RejectionReason } from "../../shared/outcomes.ts";

/** A "no" that is the bidder's doing: a value, never thrown. */
export interface Rejection {
  readonly reason: RejectionReason;
  /** With `bid_too_low`: the least that would have been accepted, in minor units. */
  readonly minimumBid?: number;
}

export const rejected = (reason: RejectionReason, minimumBid?: number): Rejection =>
  minimumBid === undefined ? { reason } : { reason, minimumBid };
