import type { CreateAuction } from "../../shared/auctions.ts";
import { auctionViewSchema } from "../../shared/auctions.ts";
import type { AuctionView } from "../../shared/auctions.ts";
import { devToken } from "./dev-key.ts";
import type { RunningStack } from "./stack-types.ts";

const SELLER = "demo-seller";
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** The edge may need its first connections; a demo auction is not given up before this. */
const CREATE_ATTEMPTS = 5;

export interface Demo {
  readonly auctions: readonly AuctionView[];
  readonly tokens: { readonly seller: string; readonly alice: string; readonly bob: string };
}

/** Auctions to play with, through the front door. Their keys name the day: a restart finds them, a new day gets new ones. */
export async function createDemo(stack: RunningStack, nowMs: number): Promise<Demo> {
  const tokens = {
    seller: await devToken(stack.data, SELLER, ["seller"]),
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

/** Moments are those of the day and not of the second: the same key must carry the same body. */
function demoAuctions(nowMs: number): Record<string, CreateAuction> {
  const midnightMs = Math.floor(nowMs / DAY_MS) * DAY_MS;
  const english = { format: "english", currency: "EUR" } as const;
  const tiers = [
    { from: 0, step: 500 },
    { from: 10_000, step: 1_000 },
    { from: 50_000, step: 2_500 },
  ];
  return {
    watch: {
      ...english,
      title: "Steel chronograph, 1968",
      startPrice: 5_000,
      increment: tiers,
      endsAt: midnightMs + 2 * DAY_MS,
    },
    lamp: {
      ...english,
      title: "Desk lamp, brass",
      startPrice: 1_500,
      increment: 100,
      endsAt: midnightMs + 2 * DAY_MS + 6 * HOUR_MS,
    },
    print: {
      ...english,
      title: "Lithograph, numbered 7/50",
      startPrice: 20_000,
      increment: tiers,
      endsAt: midnightMs + 3 * DAY_MS,
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

/** What `npm start` prints once everything serves: lines to paste into a shell. */
export function demoText(demo: Demo, edge: string): string {
  const [first] = demo.auctions;
  if (first === undefined) return "";
  const url = `${edge}/v1/auctions/${first.id}`;
  const listed = demo.auctions.map(
    (each) => `  ${each.id}  ${each.title} (${each.currency}, ${each.status})`,
  );
  return `
Demo auctions
${listed.join("\n")}

Demo tokens (valid for a day)
  ALICE=${demo.tokens.alice}
  BOB=${demo.tokens.bob}
  SELLER=${demo.tokens.seller}

Try it: paste the tokens above, then
  curl -s ${url}
  curl -s ${url}/bids -H "authorization: Bearer $ALICE" -H "idempotency-key: $(date +%s%N)" -H "content-type: application/json" -d '{"amount":${first.minimumBid ?? first.startPrice}}'
  curl -sN ${url}/live -H "accept: text/event-stream"
  curl -s ${edge}/v1/auctions
`;
}
