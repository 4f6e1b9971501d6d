import { auctionViewSchema, type AuctionView } from "../../shared/auctions.ts";
import type { BidBody } from "../../shared/bids.ts";
import type { AuctionFormat, CreateAuction } from "../../shared/terms.ts";
import { devToken } from "./dev-key.ts";
import type { RunningStack } from "./stack-types.ts";

const SELLER = "demo-seller";
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** The edge may need its first connections; a demo auction is not given up before this. */
const CREATE_ATTEMPTS = 5;

export interface Demo {
  readonly auctions: readonly AuctionView[];
  readonly tokens: {
    readonly seller: string;
    readonly operator: string;
    readonly alice: string;
    readonly bob: string;
  };
}

/** Auctions to play with, through the front door. Their keys name the day: a restart finds them, a new day gets new ones. */
export async function createDemo(stack: RunningStack, nowMs: number): Promise<Demo> {
  const tokens = {
    seller: await devToken(stack.data, SELLER, ["seller"]),
    operator: await devToken(stack.data, "demo-operator", ["operator"]),
    alice: await devToken(stack.data, "alice", ["bidder"]),
    bob: await devToken(stack.data, "bob", ["bidder"]),
  };
  const day = new Date(nowMs).toISOString().slice(0, 10);
  const auctions: AuctionView[] = [];
  for (const [name, terms] of Object.entries(demoAuctions(nowMs))) {
    auctions.push(await create(stack, { key: `demo-${day}-${name}`, terms, token: tokens.seller }));
  }
  return { auctions, tokens };
}

/** One or two of every format. Moments are those of the day and not of the second: the same key must carry the same body. */
function demoAuctions(nowMs: number): Record<string, CreateAuction> {
  const midnightMs = Math.floor(nowMs / DAY_MS) * DAY_MS;
  const listing = { currency: "EUR", endsAt: midnightMs + 2 * DAY_MS };
  return {
    chronograph: {
      format: "english",
      title: "Steel chronograph, 1968",
      ...listing,
      startPrice: 5_000,
      increment: [
        { from: 0, step: 500 },
        { from: 10_000, step: 1_000 },
        { from: 50_000, step: 2_500 },
      ],
      reservePrice: 20_000,
      softClose: { windowMs: 2 * MINUTE_MS, extendMs: 2 * MINUTE_MS, maxExtensions: 30 },
      settlement: { payWithinMs: DAY_MS, secondChance: true },
    },
    "brass-lamp": {
      format: "english",
      title: "Desk lamp, brass",
      ...listing,
      startPrice: 1_500,
      increment: 100,
      buyNowPrice: 9_900,
    },
    // Falls for two hours, and then stands at its floor until tomorrow.
    tulips: {
      format: "dutch",
      title: "Tulip bulbs, a crate of 50",
      currency: "EUR",
      startPrice: 9_000,
      floorPrice: 3_000,
      stepAmount: 50,
      stepMs: MINUTE_MS,
      graceMs: DAY_MS,
      units: 20,
    },
    manuscript: {
      format: "sealed",
      title: "Manuscript page, unsigned",
      ...listing,
      pricing: "second",
      reservePrice: 15_000,
    },
    sneakers: {
      format: "drop",
      title: "Sneakers, numbered edition of 3",
      ...listing,
      price: 12_900,
      units: 3,
      perBidder: 2,
      holdMs: 10 * MINUTE_MS,
    },
  };
}

async function create(
  stack: RunningStack,
  { key, terms, token }: { key: string; terms: CreateAuction; token: string },
): Promise<AuctionView> {
  for (let attempt = 1; ; attempt++) {
    const response = await fetch(`${stack.edge?.url}/v1/auctions`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
        "idempotency-key": key,
      },
      body: JSON.stringify(terms),
    });
    const body: unknown = await response.json();
    if (response.ok && response.status !== 202) return auctionViewSchema.parse(body);
    if (attempt === CREATE_ATTEMPTS || (response.status < 500 && response.status !== 202)) {
      throw new Error(
        `creating the demo auction ${key} answered ${response.status}: ${JSON.stringify(body)}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, attempt * 300));
  }
}

/** A bid that each format understands: up to a secret maximum; at the clock's price; once, in the dark; the next free unit. */
const DEMO_BIDS: { readonly [F in AuctionFormat]: { readonly body: BidBody; readonly what: string } } = {
  english: { body: { maxAmount: 25_000 }, what: "bids as little as it takes to lead, up to 250.00" },
  dutch: { body: { amount: 9_000, quantity: 2 }, what: "buys two at the clock's price" },
  sealed: { body: { amount: 21_000 }, what: "bids what nobody sees until the end; again: revises it" },
  drop: { body: { waitlist: true }, what: "claims one for ten minutes, or a place on the waitlist" },
};

/** What `npm start` prints once everything serves: lines to paste into a shell. */
export function demoText(demo: Demo, edge: string): string {
  const [first] = demo.auctions;
  if (first === undefined) return "";
  const listed = demo.auctions.map(
    ({ id, format, title, currency, status }) =>
      `  ${id}  ${format.padEnd(7)}  ${title} (${currency}, ${status})`,
  );
  const bids = demo.auctions.flatMap(({ format, id }, i, all) => {
    const isFirst = all.findIndex((other) => other.format === format) === i;
    const { body, what } = DEMO_BIDS[format];
    return isFirst ? [`  # ${format}: ${what}\n  ${bidLine(`${edge}/v1/auctions/${id}`, body)}`] : [];
  });
  const url = `${edge}/v1/auctions/${first.id}`;
  return `
Demo auctions
${listed.join("\n")}

Demo tokens (valid for a day)
  ALICE=${demo.tokens.alice}
  BOB=${demo.tokens.bob}
  SELLER=${demo.tokens.seller}
  OPERATOR=${demo.tokens.operator}

Try it: paste the tokens above, then
${bids.join("\n")}
  # what everybody sees, what came of it, and what happens next
  curl -s ${url}
  curl -s ${edge}/v1/me/orders -H "authorization: Bearer $ALICE"
  curl -sN ${url}/live -H "accept: text/event-stream"
  curl -s ${edge}/v1/auctions
`;
}

/** As Alice, with a new key each time it is pasted. */
function bidLine(url: string, body: BidBody): string {
  const headers = [
    "authorization: Bearer $ALICE",
    "idempotency-key: $(date +%s%N)",
    "content-type: application/json",
  ];
  return `curl -s ${url}/bids ${headers.map((header) => `-H "${header}"`).join(" ")} -d '${JSON.stringify(body)}'`;
}
