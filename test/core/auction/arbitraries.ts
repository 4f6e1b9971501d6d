import fc from "fast-check";
import { meetDeadlines, nextDeadlineAt } from "../../support/naive/deadlines.ts";
import { naiveDecide } from "../../support/naive/auction.ts";
import { readCommand } from "../../support/naive/read-command.ts";
import { type NaiveAuction, newNaiveAuction } from "../../support/naive/state.ts";
import { ALIAS_SALT, AUCTION_ID, CREATE_KEY, sam, SECRET_SALT, START_MS } from "../../support/builders.ts";
import { RULES_VERSION } from "../../../shared/commands.ts";
import type { AuctionFormat, CreateAuction } from "../../../shared/terms.ts";
import { bidBody, bidder, type BidSeed, bidSeeds, seldom } from "./bid-arbitraries.ts";
import { manageBody, type ManageSeed, manageSeeds } from "./manage-arbitraries.ts";
import { termsOf } from "./terms-arbitraries.ts";

/** A story of one auction: moments of the stream's clock (it may stand still or run backwards), each with its commands. */
export interface Story {
  readonly moments: readonly Moment[];
}

export interface Moment {
  readonly timestampMs: number;
  /** Read from JSON by whoever replays them; some are nonsense. */
  readonly commands: readonly unknown[];
}

/**
 * What one command will be. Amounts, units and moments are told relative to what the naive model then says (the minimum, the
 * leader's limit, the next deadline), so that ties, limits and ends are hit exactly, or missed by one.
 */
type Seed =
  | { readonly type: "bid"; readonly bidder: string; readonly body: BidSeed }
  | ManageSeed
  /** An earlier command once more; `changed`: its key with another body. */
  | { readonly type: "again"; readonly back: number; readonly changed: boolean }
  | { readonly type: "tick" | "create" | "other create" | "nonsense" };

type Jump =
  | { readonly byMs: number }
  /** So much before or after the moment at which the auction next changes by itself. */
  | { readonly pastDeadlineMs: number };

const jump: fc.Arbitrary<Jump> = fc.oneof(
  { weight: 12, arbitrary: fc.constant({ byMs: 0 }) },
  { weight: 12, arbitrary: fc.record({ byMs: fc.integer({ min: -20, max: 40 }) }) },
  { weight: 2, arbitrary: fc.record({ byMs: fc.integer({ min: 0, max: 300 }) }) },
  { weight: 2, arbitrary: fc.record({ byMs: fc.double({ min: 0, max: 5, noNaN: true }) }) },
  { weight: 4, arbitrary: fc.record({ pastDeadlineMs: fc.constantFrom(-1, -1, -1, 0, 1) }) },
);

const seedsOf = (format: AuctionFormat): fc.Arbitrary<Seed> =>
  fc.oneof(
    {
      weight: 30,
      arbitrary: fc.record({
        type: fc.constant("bid" as const),
        bidder,
        body: bidSeeds(format),
      }),
    },
    { weight: 7, arbitrary: manageSeeds },
    {
      weight: 2,
      arbitrary: fc.record({
        type: fc.constant("again" as const),
        back: fc.nat({ max: 12 }),
        changed: fc.boolean(),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        type: fc.constantFrom(
          "tick" as const,
          "create" as const,
          "other create" as const,
          "nonsense" as const,
        ),
      }),
    },
  );

/** Stories of one format. Most begin with the creation; some bid into the void first. */
export function storyOf(format: AuctionFormat): fc.Arbitrary<Story> {
  const whole = anyStoryOf(format);
  // Left to itself the generator loves the ends of ranges and short lists: good for edges, but little happens in between.
  return fc.oneof({ weight: 1, arbitrary: whole }, { weight: 4, arbitrary: fc.noBias(whole) });
}

function anyStoryOf(format: AuctionFormat): fc.Arbitrary<Story> {
  const moment = fc.record({
    jump,
    seeds: fc.array(seedsOf(format), { minLength: 1, maxLength: 6, size: "max" }),
  });
  return fc
    .record({
      terms: termsOf(format),
      late: seldom(15),
      moments: fc.array(moment, { minLength: 1, maxLength: 20, size: "max" }),
    })
    .map(({ terms, late, moments }) => {
      const teller = newTeller(terms);
      return {
        moments: moments.map(({ jump: by, seeds }, i) => {
          const timestampMs = teller.moveOn(by);
          const first = i === 0 && !late ? [teller.tell({ type: "create" })] : [];
          return { timestampMs, commands: [...first, ...seeds.map((seed) => teller.tell(seed))] };
        }),
      };
    });
}

/** Stories of all formats. */
export const story: fc.Arbitrary<Story> = fc.oneof(
  storyOf("english"),
  storyOf("dutch"),
  storyOf("sealed"),
  storyOf("drop"),
);

interface Teller {
  moveOn(by: Jump): number;
  tell(seed: Seed): unknown;
}

/** Turns seeds into commands while the naive model lives through them. */
function newTeller(terms: CreateAuction): Teller {
  const auction = newNaiveAuction(AUCTION_ID);
  const salts = { aliasSalt: ALIAS_SALT, secretSalt: SECRET_SALT };
  const creation = {
    type: "create",
    sellerId: sam,
    key: CREATE_KEY,
    body: terms,
    rules: RULES_VERSION,
    ...salts,
  };
  // The steps of a dutch auction are a tenth of a second at least.
  const pace = terms.format === "dutch" ? 6 : 1;
  const told: unknown[] = [];
  let timestampMs = START_MS;
  let at = START_MS;
  return {
    moveOn(by) {
      if ("byMs" in by) timestampMs += by.byMs * pace;
      else timestampMs = (nextDeadlineAt(auction) ?? at) + by.pastDeadlineMs;
      at = Math.max(at, Math.floor(timestampMs));
      return timestampMs;
    },
    tell(seed) {
      meetDeadlines(auction, at);
      const command = commandOf(seed, { auction, creation, told, at });
      const read = readCommand(JSON.parse(JSON.stringify(command)));
      naiveDecide(auction, read, { seq: 1, index: told.length, at });
      told.push(command);
      return command;
    },
  };
}

interface Scene {
  readonly auction: NaiveAuction;
  readonly creation: { readonly body: CreateAuction };
  readonly told: readonly unknown[];
  readonly at: number;
}

function commandOf(seed: Seed, { auction, creation, told, at }: Scene): unknown {
  const place = told.length;
  // Two commands in a row share a key: mostly of different people, sometimes a reuse.
  const key = `key-${place >> 1}`;
  switch (seed.type) {
    case "bid":
      return { type: "bid", bidderId: seed.bidder, key, body: bidBody(auction, seed.body) };
    case "manage": {
      const { actor: actorId, role } = seed;
      return { type: "manage", actorId, role, key, body: manageBody(auction, seed, at) };
    }
    case "again":
      return again(told[told.length - 1 - seed.back], seed.changed);
    case "tick":
      return { type: "tick" };
    case "create":
      return creation;
    case "other create":
      return { ...creation, key: `lot-${place % 3}`, body: { ...creation.body, title: "Another lot" } };
    case "nonsense":
      return NONSENSE[place % NONSENSE.length];
  }
}

/** A retry as clients make them, or a key that they use for something else. */
function again(command: unknown, changed: boolean): unknown {
  const { type, body } = (command ?? {}) as { type?: string; body?: Record<string, unknown> };
  if (type === undefined || body === undefined || !changed) return command ?? { type: "tick" };
  if (type === "bid") return { ...(command as object), body: { quantity: 1 } };
  if (type === "create") return { ...(command as object), body: { ...body, title: "Another lot" } };
  return { ...(command as object), body: { ...body, reason: "on second thoughts" } };
}

const MAX = Number.MAX_SAFE_INTEGER;
const bidWith = (body: unknown, bidderId = "alice"): unknown => ({
  type: "bid",
  bidderId,
  key: "key-1",
  body,
});
const manageWith = (body: unknown, role = "operator"): unknown => ({
  type: "manage",
  actorId: "olga",
  role,
  key: "key-2",
  body,
});

const NONSENSE: readonly unknown[] = [
  null,
  7,
  { type: "bid" },
  { type: "tick", extra: 1 },
  bidWith({ amount: 5 }, "a.b"),
  bidWith({ amount: 5.5 }),
  bidWith({ amount: 0 }),
  bidWith({ amount: 900, maxAmount: 899 }),
  bidWith({ amount: MAX + 1 }),
  bidWith({ amount: 5, price: 5 }),
  bidWith({ buyNow: false }),
  bidWith({ buyNow: true, amount: 5 }),
  bidWith({ maxAmount: 5, quantity: 1 }),
  bidWith({ amount: 5, waitlist: true }),
  bidWith({ quantity: 0 }),
  bidWith({ quantity: 1_000_001 }),
  manageWith({ action: "cancel" }),
  manageWith({ action: "cancel", reason: "  " }),
  manageWith({ action: "cancel", reason: "a\u0000b" }),
  manageWith({ action: "cancel", reason: "ok", orderId: "a-1" }),
  manageWith({ action: "confirm", orderId: "a-0" }),
  manageWith({ action: "expire", orderId: "a-1" }),
  manageWith({ action: "change_end", endsAt: "tomorrow", reason: "ok" }),
  manageWith({ action: "refund", orderId: "a-1", reason: "ok" }),
  manageWith({ action: "cancel", reason: "ok" }, "admin"),
  { type: "refund", bidderId: "alice" },
];
