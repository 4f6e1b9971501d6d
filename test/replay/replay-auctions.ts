import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { orderSchema } from "../../shared/orders.ts";
import type { TermsOf } from "../../shared/terms.ts";
import type { EbayAuction } from "./ebay-bids.ts";
import { type Course, EBAY_INCREMENTS, type Step } from "./ebay-rules.ts";
import { type Verdict, verdictOn } from "./verdict.ts";

/** A stack's front door, and tokens to enter by. */
export interface Door {
  readonly edgeUrl: string;
  token(sub: string, role: "bidder" | "seller" | "operator"): Promise<string>;
}

/** Auctions that are played at the same time; within one, a bid waits for the outcome of the one before. */
const AT_ONCE = 32;

/** The operator ends each auction; this is only far enough away. */
const AUCTION_LIFE_MS = 6 * 60 * 60 * 1_000;

/** A request that is put off (429), not taken (503) or not decided yet (202) is sent again with its key, this often. */
const MOST_ATTEMPTS = 30;
const PAUSE_MS = 100;

/** Plays every auction again, bid for bid, through the edge, and says how each ended. Throws when the stack does not answer. */
export async function replayAuctions(
  door: Door,
  auctions: readonly EbayAuction[],
  onDone: (verdict: Verdict) => void = () => {},
): Promise<Verdict[]> {
  const run = randomUUID().slice(0, 8);
  const players = createPlayers(door);
  const verdicts: Verdict[] = [];
  const waiting = auctions.entries();
  const play = async (): Promise<void> => {
    for (const [i, auction] of waiting) {
      const verdict = verdictOn(auction, await replayOne(players, auction, `replay-${run}-${auction.id}`));
      verdicts[i] = verdict;
      onDone(verdict);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, play));
  return verdicts;
}

const createdSchema = z.looseObject({ id: z.string() });
const outcomeSchema = z.looseObject({ price: z.int().nullable(), version: z.int() });
const ordersSchema = z.looseObject({ orders: z.array(orderSchema) });

async function replayOne(players: Players, auction: EbayAuction, key: string): Promise<Course> {
  const terms: TermsOf<"english"> = {
    format: "english",
    title: `${auction.item}, eBay ${auction.id}`,
    currency: "USD",
    startPrice: auction.openCents,
    increment: EBAY_INCREMENTS,
    endsAt: Date.now() + AUCTION_LIFE_MS,
  };
  const created = await players.ask("ebay-seller", "seller", { path: "/v1/auctions", key, body: terms });
  const path = `/v1/auctions/${createdSchema.parse(created.body).id}`;
  const steps: Step[] = [];
  for (const [i, { bidder, maxCents }] of auction.bids.entries()) {
    const bid = { path: `${path}/bids`, key: `bid-${i}`, body: { maxAmount: maxCents } };
    const { status, body } = await players.ask(bidder, "bidder", bid);
    steps.push({ accepted: status === 201, priceCents: outcomeSchema.parse(body).price });
  }
  const reason = "the end that it had on eBay";
  await players.ask("ebay-operator", "operator", { path: `${path}/end`, key: "end", body: { reason } });
  const { body } = await players.ask("ebay-operator", "operator", { path: `${path}/orders` });
  const [sold] = ordersSchema.parse(body).orders;
  return {
    steps: sold === undefined ? steps : soldAt(steps, sold.unitPrice),
    winner: sold?.bidderId ?? null,
  };
}

/** The order says what the winner pays; that is the price to compare, whatever the last bid was told. */
const soldAt = (steps: readonly Step[], priceCents: number): Step[] =>
  steps.map((step, i) => (i === steps.length - 1 ? { ...step, priceCents } : step));

interface Asked {
  readonly path: string;
  /** With a body: a POST. */
  readonly key?: string;
  readonly body?: unknown;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

interface Players {
  /** Resolves with a 200, 201 or 409, and sends again what has none of them yet; throws on everything else. */
  ask(sub: string, role: "bidder" | "seller" | "operator", asked: Asked): Promise<Answer>;
}

function createPlayers(door: Door): Players {
  const tokens = new Map<string, Promise<string>>();
  return {
    async ask(sub, role, asked) {
      const token = tokens.get(sub) ?? door.token(sub, role);
      tokens.set(sub, token);
      const url = `${door.edgeUrl}${asked.path}`;
      const init = requestOf(await token, asked);
      for (let attempt = 1; ; attempt++) {
        const response = await fetch(url, init);
        const { status } = response;
        const text = await response.text();
        if (status === 200 || status === 201 || status === 409) return { status, body: JSON.parse(text) };
        const passing = status === 202 || status === 429 || status === 503;
        if (!passing || attempt === MOST_ATTEMPTS)
          throw new Error(`${asked.path} answered ${status}: ${text.slice(0, 300)}`);
        await sleep(Math.max(PAUSE_MS, Number(response.headers.get("retry-after") ?? 0) * 1_000));
      }
    },
  };
}

function requestOf(token: string, { key, body }: Asked): RequestInit {
  const authorization = `Bearer ${token}`;
  if (key === undefined) return { headers: { authorization } };
  const headers = { authorization, "content-type": "application/json", "idempotency-key": key };
  return { method: "POST", headers, body: JSON.stringify(body) };
}
