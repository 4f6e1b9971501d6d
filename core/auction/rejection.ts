import type { BidField } from "../../shared/bids.ts";
import type { OutcomeDetail, RejectionReason } from "../../shared/outcomes.ts";

/** A "no" that is the asker's doing: a value, never thrown. */
export interface Rejection {
  readonly reason: RejectionReason;
  /** With `bid_too_low`: the least that would have been accepted, in minor units. */
  readonly minimumBid?: number;
  readonly detail?: OutcomeDetail;
}

export const rejected = (reason: RejectionReason, detail?: OutcomeDetail): Rejection =>
  detail === undefined ? { reason } : { reason, detail };

/** `minimumMinor` null: no bid would be accepted. */
export const tooLow = (minimumMinor: number | null): Rejection =>
  minimumMinor === null ? { reason: "bid_too_low" } : { reason: "bid_too_low", minimumBid: minimumMinor };

/** A bid whose shape the format does not know. */
export const misfit = (field: BidField): Rejection => rejected("bid_not_for_format", { field: `/${field}` });
