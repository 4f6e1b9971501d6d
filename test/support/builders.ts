import type { CreateAuction } from "../../shared/auctions.ts";
import type { BidCommand, Command, CreateCommand, Envelope, TickCommand } from "../../shared/commands.ts";
import { auctionIdFor } from "../../shared/ids.ts";
import { WIRE_VERSION } from "../../shared/wire-version.ts";

/** People of the tests. Sam sells; the others bid. */
export const alice = "alice";
export const bob = "bob";
export const carol = "carol";
export const sam = "sam";

/** Where the log's clock stands when the tests begin: a round number of milliseconds since the epoch. */
export const START_MS = 1_800_000_000_000;
/** How long an auction of the builders runs, unless a test says otherwise. */
export const RUN_MS = 60_000;

export const CREATE_KEY = "lot-1";
export const ALIAS_SALT = "salt-of-the-tests-0001";
/** The auction that `create()` creates. */
export const AUCTION_ID = auctionIdFor(sam, CREATE_KEY);

/** An english auction that starts at once at 1,000 minor units, rises by 100 and runs for a minute. */
export function englishTerms(overrides: Partial<CreateAuction> = {}): CreateAuction {
  return {
    format: "english",
    title: "A lot",
    currency: "EUR",
    startPrice: 1_000,
    increment: 100,
    endsAt: START_MS + RUN_MS,
    ...overrides,
  };
}

export function create(overrides: Partial<CreateAuction> = {}, key: string = CREATE_KEY): CreateCommand {
  return {
    type: "create",
    sellerId: sam,
    key,
    body: englishTerms(overrides),
    rules: 1,
    aliasSalt: ALIAS_SALT,
  };
}

let keysMade = 0;

/** A bid with a key of its own, unless the test is about keys. */
export function bid(bidderId: string, amountMinor: number, key: string = `key-${++keysMade}`): BidCommand {
  return { type: "bid", bidderId, key, body: { amount: amountMinor } };
}

export const tick: TickCommand = { type: "tick" };

let envelopesMade = 0;

/** An envelope as a gateway would send it. */
export function envelope(commands: Command[], origin = "gateway-of-the-tests"): Envelope {
  return { v: WIRE_VERSION, id: `envelope-${++envelopesMade}`, origin, commands };
}
