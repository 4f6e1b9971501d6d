/** What people should know of a schema: about it as a whole, and of fields that mean something else than elsewhere. */
export interface ComponentNotes {
  about?: string;
  fields?: Record<string, string>;
  examples?: unknown[];
}

/** What a field of that name means, wherever it stands. */
export const fieldNotes: Readonly<Record<string, string>> = {
  id: "The auction's id.",
  auctionId: "The auction's id.",
  title: "What is for sale.",
  currency: "ISO 4217 code of all amounts.",
  minorUnitDigits:
    "Decimal digits of the currency's minor unit: 2 for EUR, 0 for JPY. For showing amounts, not for computing.",
  sellerId: "Who sells it.",
  createdAt: "Log's clock, ms since the epoch.",
  updatedAt: "Log's clock, ms since the epoch.",
  startsAt: "When bidding opens, by the log's clock.",
  endsAt: "When bidding ends, by the log's clock. A bid at this very millisecond is late.",
  status: "Where it stands.",
  version: "Events of the auction so far; gapless.",
  price:
    "English: the leading amount, null before the first bid. Dutch and drop: what a unit costs now. Sealed: null until the close. Once closed: what the winner pays.",
  minimumBid:
    "The least that an accepted bid must offer; null where nothing can be bid or no amount is asked.",
  bidCount: "Accepted bids so far, automatic counter-bids not counted.",
  leader: "Alias of the leading bidder, of the winner once closed; null without one.",
  reserveMet: "English with a reserve: whether the price has met it. The reserve itself is never shown.",
  buyNowAvailable: "English with a buy-now price: whether it can still be had.",
  remaining: "Units that nobody has.",
  waiting: "Units that are waited for.",
  nextPriceAt: "When the price falls next; null at the floor.",
  startPrice: "The price that it starts from.",
  floorPrice: "The price that it never falls below.",
  stepAmount: "By how much the price falls with each step.",
  stepMs: "How long a price stands.",
  graceMs: "How long the floor price stands when there is no endsAt; absent: one step.",
  units: "Units for sale; absent: 1.",
  perBidder: "Units that one bidder may hold, have bought and wait for together; absent: 1.",
  holdMs: "How long a claim is held unpaid; absent: until it is confirmed or released.",
  reservePrice: "Hidden: below it nobody wins.",
  buyNowPrice: "Buys at once, until the first bid (with a reserve: until that is met).",
  increment: "The least raise at each price.",
  softClose: "Moves the end when a bid comes shortly before it; absent: a hard close.",
  settlement:
    "How long a buyer has to pay, and whether the runner-up is offered the lot when the buyer does not.",
  payWithinMs: "Time to pay, from when the order was placed.",
  secondChance: "Offers the lot to the runner-up by itself.",
  pricing: "Whether the winner pays the own bid or the second highest one.",
  windowMs: "An accepted bid so close to the end extends it …",
  extendMs: "… to at least so long after that bid …",
  maxExtensions: "… at most so many times.",
  from: "The lowest price that the step applies to; the first tier starts at 0.",
  step: "The least raise.",
  amount: "Minor units of the currency.",
  maxAmount:
    "English: the secret limit up to which the engine bids for you, never more than is needed to lead.",
  buyNow: "English: buys at buyNowPrice.",
  quantity: "Units.",
  partial: "Dutch and drop: takes what there is when it is less than quantity.",
  waitlist: "Drop: what is not there now is taken as it comes back, in order.",
  reason: "Why.",
  bidderId: "The bidder's id.",
  bidder: "The bidder's alias, the same throughout this auction.",
  bidId: "The bid's id; it follows from auction, bidder and idempotency key.",
  orderId: "The order's id: its auction's, a dash and its number.",
  outcome: "What became of it.",
  seq: "Position of the deciding envelope in its stream.",
  index: "The command's place in that envelope.",
  chain: "The head of the auction's audit chain after that envelope: with seq and at, your receipt.",
  at: "The log's clock, ms since the epoch.",
  key: "The command's idempotency key.",
  leading: "English: whether the bidder leads after it.",
  duplicate: "This is the first outcome again: the key had been used before with the same body.",
  unitPrice: "Minor units for one.",
  expiresAt: "When the order expires unpaid; null or absent: not by itself.",
  waitingBefore: "Units that others wait for before this bidder.",
  limit: "With limit_reached: the units that one bidder may have.",
  field: "With bid_not_for_format: the field that is missing or too many, as a JSON pointer.",
  nextCursor: "Give it as cursor for the next page; absent on the last one.",
  counterBids: "What the engine bid for maxima in answer to it, in order.",
  source: "What brought the order about.",
  now: "The log's clock; countdowns go by it, not by the client's.",
  automatic: "The engine bid this for somebody's maximum.",
  winner: "The winner's alias; null when nobody has won.",
  events: "One for each version; left out when the range was conflated for a slow watcher.",
  auction: "The auction as it stands after it.",
  auctions: "This page of auctions.",
  bids: "This page of bids.",
  orders: "This page of orders.",
  leaderboard: "The best bidders, best first.",
  counters: "What this isolate has counted since it started.",
  t: "Any number; the pong repeats it.",
};

/** What an outcome says beyond its verdict. */
const outcomeFields = {
  reason: "Why it was rejected.",
  expiresAt: "When the bid's order expires unpaid; absent: not by itself.",
  remaining: "With not_enough_units: the units that could be had.",
  waiting: "Units that the bidder now waits for.",
  quantity: "Units that the bid bought.",
  waitlist: "With sold_out: bid again with waitlist to get what comes back.",
};

const money = "Money: a whole number of the currency's minor unit (cents, yen, fils), never a float.";

/** By component; `openapi.test.ts` fails when one of these names is gone. */
export const componentNotes: Readonly<Record<string, ComponentNotes>> = {
  Amount: { about: money, examples: [1_250] },
  Currency: { about: "An ISO 4217 currency code that is legal tender somewhere.", examples: ["EUR"] },
  Moment: {
    about: "Milliseconds since the epoch, or an RFC 3339 date and time, which is read into them.",
    examples: [1_790_000_000_000, "2030-12-24T18:00:00Z"],
  },
  Increment: {
    about: "One step for every price, or tiers: the step of the highest tier at or below the price.",
  },
  CreateAuction: { about: "The listing and its format's own terms." },
  EnglishTerms: { about: "Ascending: the best bid at the end wins." },
  DutchTerms: { about: "Descending: the price falls by the log's clock until somebody takes it." },
  SealedTerms: { about: "Nobody sees an amount before the close." },
  DropTerms: {
    about: "Exactly so many units at a fixed price, first come first served.",
    fields: { price: "What a unit costs." },
  },
  Bid: {
    about:
      "English: amount, with maxAmount if you like, maxAmount alone, or buyNow. Dutch: amount, the most you pay for a unit, with quantity and partial. Sealed: amount. Drop: quantity, partial, waitlist.",
    fields: { amount: "English and sealed: the offer. Dutch: the most that you pay for a unit." },
  },
  BidFrame: {
    about: "A bid; its fields are those of Bid.",
    fields: { key: "The bid's idempotency key." },
    examples: [{ type: "bid", key: "k1", amount: 1_250 }],
  },
  PingFrame: { about: "Asks for a pong.", examples: [{ type: "ping", t: 1 }] },
  ClientFrame: { about: "What a client sends, one JSON text frame each, at most 4 KB." },
  ServerFrame: { about: "What the server sends, one JSON text frame each." },
  SnapshotFrame: { about: "The first frame, unless since= connects: the whole auction." },
  UpdateFrame: {
    about:
      "Everything that has changed in the versions (from, version]. A field of the auction that it does not have is not the auction's (any more).",
    fields: { from: "Covers every version above this one, up to version." },
  },
  OutcomeFrame: { about: "What became of a bid of yours.", fields: outcomeFields },
  ErrorFrame: {
    about: "A frame that was refused before it was queued.",
    fields: {
      reason: "The reason, as in a problem.",
      detail: "More about it; of a wrong field, its JSON pointer first.",
      key: "The bid's key, when the frame had one.",
      queued: "false: the bid is in no log and its key is free.",
      retryAfterMs: "When it is worth trying again.",
    },
  },
  PongFrame: { about: "Answers a ping." },
  PublicEvent: { about: "One step of an auction's version, as everybody may see it." },
  SoldEvent: {
    fields: { bidder: "Who got them; null for several bidders at once.", price: "What each unit costs." },
  },
  SettledEvent: { fields: { orders: "How many orders.", status: "What became of them." } },
  BidEvent: { fields: { amount: "What the bid showed; null where nothing may be seen yet (sealed)." } },
  ClosedEvent: { fields: { price: "What the winner pays; null when nobody has won." } },
  PriceEvent: { fields: { price: "What a unit costs from now on." } },
  ExtendedEvent: { about: "A bid in the soft-close window moved the end." },
  EndChangedEvent: { about: "The seller or an operator moved the end, before the first bid." },
  AdministeredEvent: { about: "Something administrative that only concerns one bidder." },
  Auction: { about: "An auction as anyone may see it." },
  BidOutcome: {
    about: "What the log decided about a bid.",
    fields: outcomeFields,
  },
  CommandOutcome: {
    about: "What the log decided about a command.",
    fields: {
      reason: "Why it was rejected.",
      auction: "The auction as the command left it, where the edge has it at hand.",
    },
  },
  DecidedBid: { about: "What the log decided about a bid.", fields: outcomeFields },
  UndecidedBid: { about: "The log has the bid, and nobody has decided it yet." },
  IncrementTier: { about: "The step from one price on." },
  BidStatus: { about: "A bid that was decided, or one that the log has and nobody has decided yet." },
  PublicBid: {
    about: "A bid as others may see it.",
    fields: {
      amount: "What the bid showed; null where nothing may be seen, such as a sealed bid before the close.",
      quantity: "Dutch and drop: the units that it asked for.",
      reason: "Why it was rejected.",
    },
  },
  OwnBid: {
    about: "Your standing in one auction, with what only you may see.",
    fields: {
      amount:
        "English and sealed: your best amount, or maximum; null in other formats and after a retraction.",
      units: "Drop and dutch: units of your live orders.",
      at: "The log's clock of your newest accepted bid.",
    },
  },
  Order: {
    about: "An order as its buyer, its seller and operators see it.",
    fields: { amount: "Minor units for all units together.", bidderId: "The buyer." },
  },
  OrderStatus: {
    about:
      "pending until it is paid (confirmed), given up (released) or overdue (expired); these three are final.",
  },
  PendingAuction: { about: "The log has the command, and nobody has decided it yet." },
  PendingBid: { about: "The log has the bid, and nobody has decided it yet." },
  PendingCommand: {
    about: "The log has the command, and nobody has decided it yet: ask again with the same key.",
  },
  Reason: { about: "Why it is done; it stays in the log for the audit." },
  Block: {
    about: "Whom: by bidderId, or by one of the bidder's bids.",
    fields: { bidId: "One of the bidder's bids." },
  },
  Problem: {
    about:
      "RFC 9457. Branch on reason, which is stable; the texts are for people. A refusal that the log decided has its other fields, too.",
    fields: {
      type: "Where the problem is explained.",
      title: "What it means.",
      status: "The HTTP status again.",
      reason: "Its stable name.",
      detail: "More about this very case.",
      errors: "Of 422: the fields at fault, as JSON pointers.",
    },
  },
  RejectionReason: { about: "Why the log refuses a command." },
};
