/** The log's commands as the naive model takes them, restated; null stands for one that cannot be read. */
export type Command =
  | { readonly type: "bid"; readonly bidderId: string; readonly key: string; readonly body: BidBody }
  | {
      readonly type: "create";
      readonly sellerId: string;
      readonly key: string;
      readonly rules: number;
      readonly body: Terms;
    }
  | {
      readonly type: "manage";
      readonly actorId: string;
      readonly role: "bidder" | "seller" | "operator";
      readonly key: string;
      readonly body: ManageBody;
    }
  | { readonly type: "tick" };

export type NaiveCommand = Command | null;

export interface BidBody {
  readonly amount?: number;
  readonly maxAmount?: number;
  readonly buyNow?: true;
  readonly quantity?: number;
  readonly partial?: true;
  readonly waitlist?: true;
}

export type ManageBody =
  | { readonly action: "cancel" | "end"; readonly reason: string }
  | { readonly action: "change_end"; readonly endsAt: number; readonly reason: string }
  | { readonly action: "block" | "unblock" | "retract"; readonly bidderId: string; readonly reason: string }
  | {
      readonly action: "confirm" | "release" | "expire" | "second_chance";
      readonly orderId: string;
      readonly reason?: string;
    };

interface Listing {
  readonly title: string;
  readonly currency: string;
  readonly startsAt?: number;
}

interface Settlement {
  readonly payWithinMs: number;
  readonly secondChance?: boolean;
}

export type Increment = number | readonly { readonly from: number; readonly step: number }[];

export type Terms =
  | (Listing & {
      readonly format: "english";
      readonly endsAt: number;
      readonly startPrice: number;
      readonly increment: Increment;
      readonly reservePrice?: number;
      readonly buyNowPrice?: number;
      readonly softClose?: {
        readonly windowMs: number;
        readonly extendMs: number;
        readonly maxExtensions?: number;
      };
      readonly settlement?: Settlement;
    })
  | (Listing & {
      readonly format: "dutch";
      readonly endsAt?: number;
      readonly graceMs?: number;
      readonly startPrice: number;
      readonly floorPrice: number;
      readonly stepAmount: number;
      readonly stepMs: number;
      readonly units?: number;
      readonly settlement?: { readonly payWithinMs: number };
    })
  | (Listing & {
      readonly format: "sealed";
      readonly endsAt: number;
      readonly pricing: "first" | "second";
      readonly reservePrice?: number;
      readonly settlement?: Settlement;
    })
  | (Listing & {
      readonly format: "drop";
      readonly endsAt: number;
      readonly price: number;
      readonly units: number;
      readonly perBidder?: number;
      readonly holdMs?: number;
    });
