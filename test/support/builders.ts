import type { BidBody } from "../../shared/bids.ts";
import type {
  BidCommand,
  Command,
  CreateCommand,
  Envelope,
  ManageCommand,
  TickCommand,
} from "../../shared/commands.ts";
import { RULES_VERSION } from "../../shared/commands.ts";
import { auctionIdFor } from "../../shared/ids.ts";
import type { ManageBody } from "../../shared/manage.ts";
import { orderIdOf } from "../../shared/orders.ts";
import type { AuctionFormat, CreateAuction, TermsOf } from "../../shared/terms.ts";
import { WIRE_VERSION } from "../../shared/wire-version.ts";

/** People of the tests. Sam sells, Olga operates; the others bid. */
export const alice = "alice";
export const bob = "bob";
export const carol = "carol";
export const dave = "dave";
export const sam = "sam";
export const olga = "olga";

/** Where the log's clock stands when the tests begin: a round number of milliseconds since the epoch. */
export const START_MS = 1_800_000_000_000;
/** How long an auction of the builders runs, unless a test says otherwise. */
export const RUN_MS = 60_000;

export const CREATE_KEY = "lot-1";
export const ALIAS_SALT = "salt-of-the-tests-0001";
/** For creates that carry a salt for secrets; those of the oldest logs do not, and neither does `create`. */
export const SECRET_SALT = "secret-salt-of-tests-01";
/** The auction that `create()` creates. */
export const AUCTION_ID = auctionIdFor(sam, CREATE_KEY);

const listing = { title: "A lot", currency: "EUR" } as const;

/** An english auction that starts at once at 1,000 minor units, rises by 100 and runs for a minute. */
export function englishTerms(overrides: Partial<TermsOf<"english">> = {}): TermsOf<"english"> {
  return {
    format: "english",
    ...listing,
    startPrice: 1_000,
    increment: 100,
    endsAt: START_MS + RUN_MS,
    ...overrides,
  };
}

/** One unit whose price falls from 1,000 by 100 every second to 500, where it stands for one more second. */
export function dutchTerms(overrides: Partial<TermsOf<"dutch">> = {}): TermsOf<"dutch"> {
  return {
    format: "dutch",
    ...listing,
    startPrice: 1_000,
    floorPrice: 500,
    stepAmount: 100,
    stepMs: 1_000,
    ...overrides,
  };
}

/** A sealed auction at the first price, without a reserve, that runs for a minute. */
export function sealedTerms(overrides: Partial<TermsOf<"sealed">> = {}): TermsOf<"sealed"> {
  return { format: "sealed", ...listing, pricing: "first", endsAt: START_MS + RUN_MS, ...overrides };
}

/** Three units at 2,500 each, one to a bidder, held until they are settled, for a minute. */
export function dropTerms(overrides: Partial<TermsOf<"drop">> = {}): TermsOf<"drop"> {
  return { format: "drop", ...listing, price: 2_500, units: 3, endsAt: START_MS + RUN_MS, ...overrides };
}

/** The create of whole terms, or of `englishTerms` with something else about them. */
export function create(
  terms: CreateAuction | Partial<TermsOf<"english">> = {},
  key: string = CREATE_KEY,
): CreateCommand {
  return {
    type: "create",
    sellerId: sam,
    key,
    body: isWhole(terms) ? terms : englishTerms(terms),
    rules: RULES_VERSION,
    aliasSalt: ALIAS_SALT,
  };
}

const isWhole = (terms: { format?: AuctionFormat | undefined }): terms is CreateAuction =>
  terms.format !== undefined && terms.format !== "english";

let keysMade = 0;

/** A key that no other command of the tests has. */
export const newKey = (): string => `key-${++keysMade}`;

/** A bid of an amount, with a key of its own, unless the test is about keys. */
export const bid = (bidderId: string, amountMinor: number, key?: string): BidCommand =>
  bidOf(bidderId, { amount: amountMinor }, key);

/** A bid of any body. */
export const bidOf = (bidderId: string, body: BidBody, key: string = newKey()): BidCommand => ({
  type: "bid",
  bidderId,
  key,
  body,
});

/** English: a bid of a maximum alone, the least needed to lead, up to it. */
export const proxyBid = (bidderId: string, maxMinor: number, key?: string): BidCommand =>
  bidOf(bidderId, { maxAmount: maxMinor }, key);

/** English: buys at the buy-now price. */
export const buyNow = (bidderId: string, key?: string): BidCommand => bidOf(bidderId, { buyNow: true }, key);

/** Drop: asks for units; one, unless it says how many. */
export const claim = (
  bidderId: string,
  body: Pick<BidBody, "quantity" | "waitlist" | "partial"> = {},
  key?: string,
): BidCommand => bidOf(bidderId, body, key);

/** What owners, operators and buyers ask. */
export const manage = (
  actorId: string,
  role: ManageCommand["role"],
  body: ManageBody,
  key: string = newKey(),
): ManageCommand => ({ type: "manage", actorId, role, key, body });

export const tick: TickCommand = { type: "tick" };

/** An order of the auction that `create()` creates. */
export const orderId = (number: number): string => orderIdOf(AUCTION_ID, number);

let envelopesMade = 0;

/** An envelope as a gateway would send it. */
export function envelope(commands: Command[], origin = "gateway-of-the-tests"): Envelope {
  return { v: WIRE_VERSION, id: `envelope-${++envelopesMade}`, origin, commands };
}
