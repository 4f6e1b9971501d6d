import { randomUUID } from "node:crypto";
import { WebSocket } from "ws";
import { devToken } from "../../infra/local/dev-key.ts";
import { auctionViewSchema, type AuctionView } from "../../shared/auctions.ts";
import type { BidBody } from "../../shared/bids.ts";
import { BEARER_PROTOCOL_PREFIX, LIVE_PROTOCOL, serverFrameSchema } from "../../shared/frames.ts";
import type { ClientFrame, ServerFrame } from "../../shared/frames.ts";
import { orderSchema, type Order } from "../../shared/orders.ts";
import type { CreateAuction, TermsOf } from "../../shared/terms.ts";

const HOUR_MS = 3_600_000;

/** A frame that has not come by then is not coming; far above any latency that a test would accept. */
const FRAME_TIMEOUT_MS = 10_000;

/** Where a stack's edge is and where its development key lies: the edge's URL and the data folder. */
export interface Edge {
  readonly url: string;
  readonly data: string;
}

export type Role = "bidder" | "seller" | "operator";

export interface Reply<T = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

export function edgeOf(stack: {
  readonly data: string;
  readonly info: { readonly edge: string | null };
}): Edge {
  if (stack.info.edge === null) throw new Error("this stack has no edge");
  return { url: stack.info.edge, data: stack.data };
}

export function tokenFor(edge: Edge, sub: string, ...roles: Role[]): Promise<string> {
  return devToken(edge.data, sub, roles);
}

/** Terms that most tests can do with: 10.00 EUR upwards by 1.00, for an hour from now. */
export function englishTerms(changes: Partial<TermsOf<"english">> = {}): TermsOf<"english"> {
  return { format: "english", ...listing(), startPrice: 1_000, increment: 100, ...changes };
}

/** From 100.00 EUR down by 10.00 a minute to 20.00, one unit; ends a step after that. */
export function dutchTerms(changes: Partial<TermsOf<"dutch">> = {}): TermsOf<"dutch"> {
  const prices = { startPrice: 10_000, floorPrice: 2_000, stepAmount: 1_000, stepMs: 60_000 };
  return { format: "dutch", title: "A lot", currency: "EUR", ...prices, ...changes };
}

/** First price, for an hour from now. */
export function sealedTerms(changes: Partial<TermsOf<"sealed">> = {}): TermsOf<"sealed"> {
  return { format: "sealed", ...listing(), pricing: "first", ...changes };
}

/** Three units at 25.00 EUR, one to a bidder, held until they are confirmed; for an hour from now. */
export function dropTerms(changes: Partial<TermsOf<"drop">> = {}): TermsOf<"drop"> {
  return { format: "drop", ...listing(), price: 2_500, units: 3, ...changes };
}

const listing = () => ({ title: "A lot", currency: "EUR", endsAt: Date.now() + HOUR_MS });

/** Any request; a JSON body is parsed, another is `{}`. */
export async function request(edge: Edge, target: string, init: RequestInit = {}): Promise<Reply> {
  const response = await fetch(`${edge.url}${target}`, init);
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json") === true;
  const body = isJson ? (JSON.parse(text) as Record<string, unknown>) : {};
  return { status: response.status, headers: response.headers, body };
}

/** A POST with its idempotency key: a new one unless one is given. */
export function post(
  edge: Edge,
  target: string,
  options: { token?: string; key?: string; body: unknown; headers?: Record<string, string> },
): Promise<Reply> {
  const { token, key = randomUUID(), body, headers } = options;
  return request(edge, target, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "idempotency-key": key,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: JSON.stringify(body),
  });
}

/** Creates an auction and returns it; throws when the edge does not answer 201. */
export async function createAuction(
  edge: Edge,
  options: { token?: string; terms?: CreateAuction; key?: string } = {},
): Promise<AuctionView> {
  const { terms = englishTerms(), key } = options;
  const token = options.token ?? (await tokenFor(edge, "seller", "seller"));
  const reply = await post(edge, "/v1/auctions", {
    token,
    body: terms,
    ...(key === undefined ? {} : { key }),
  });
  if (reply.status !== 201) throw new Error(`create answered ${reply.status}: ${JSON.stringify(reply.body)}`);
  return auctionViewSchema.parse(reply.body);
}

interface Sending {
  readonly token: string;
  readonly key?: string;
  readonly prefer?: string;
}

/** A bid that names an amount. */
export function placeBid(
  edge: Edge,
  auctionId: string,
  options: Sending & { amount: number },
): Promise<Reply> {
  const { amount, ...sending } = options;
  return sendBid(edge, auctionId, { ...sending, body: { amount } });
}

/** A bid of any shape. */
export function sendBid(edge: Edge, auctionId: string, options: Sending & { body: BidBody }): Promise<Reply> {
  return send(edge, `/v1/auctions/${auctionId}/bids`, options);
}

/** What sellers and operators do to an auction: `cancel`, `end`, … with a reason. */
export function manage(
  edge: Edge,
  auctionId: string,
  action: string,
  options: Sending & { body: Record<string, unknown> },
): Promise<Reply> {
  return send(edge, `/v1/auctions/${auctionId}/${action}`, options);
}

/** What becomes of an order: `confirm`, `release`, … */
export function settleOrder(
  edge: Edge,
  orderId: string,
  action: string,
  options: Sending & { body?: Record<string, unknown> },
): Promise<Reply> {
  return send(edge, `/v1/orders/${orderId}/${action}`, { body: {}, ...options });
}

/** The orders of the token's own bidder, or of one auction for its seller and for operators; newest first. */
export async function ordersOf(edge: Edge, token: string, auctionId?: string): Promise<Order[]> {
  const target = auctionId === undefined ? "/v1/me/orders" : `/v1/auctions/${auctionId}/orders`;
  const reply = await request(edge, target, { headers: { authorization: `Bearer ${token}` } });
  if (reply.status !== 200) throw new Error(`${target} answered ${reply.status}`);
  return orderSchema.array().parse(reply.body["orders"]);
}

function send(edge: Edge, target: string, options: Sending & { body: unknown }): Promise<Reply> {
  const { token, body, key, prefer } = options;
  return post(edge, target, {
    token,
    body,
    ...(key === undefined ? {} : { key }),
    ...(prefer === undefined ? {} : { headers: { prefer } }),
  });
}

export type Frame<T extends ServerFrame["type"]> = Extract<ServerFrame, { type: T }>;

export interface LiveSocket {
  /** Everything received so far, in order. */
  readonly frames: readonly ServerFrame[];
  send(frame: ClientFrame): void;
  /** Sends a bid, of that amount or of any shape, and waits for what became of it. */
  bid(bid: number | BidBody, key?: string): Promise<Frame<"outcome"> | Frame<"error">>;
  /** The first frame, received or still to come, that fits. */
  until(fits: (frame: ServerFrame) => boolean, timeoutMs?: number): Promise<ServerFrame>;
  /** Closes and waits until it is closed. */
  close(): Promise<void>;
  /** Resolves with the close code, whoever closed. */
  readonly closed: Promise<number>;
}

/** A WebSocket on an auction's feed; resolves once it is open. */
export async function openLive(
  edge: Edge,
  auctionId: string,
  options: { token?: string; since?: number } = {},
): Promise<LiveSocket> {
  const { token, since } = options;
  const query = since === undefined ? "" : `?since=${since}`;
  const protocols = [LIVE_PROTOCOL, ...(token === undefined ? [] : [`${BEARER_PROTOCOL_PREFIX}${token}`])];
  const url = `${edge.url.replace(/^http/, "ws")}/v1/auctions/${auctionId}/live${query}`;
  const socket = new WebSocket(url, protocols);
  const frames: ServerFrame[] = [];
  const listeners = new Set<(frame: ServerFrame) => void>();
  socket.on("message", (data: Buffer) => {
    const frame = serverFrameSchema.parse(JSON.parse(data.toString("utf8")));
    frames.push(frame);
    for (const listener of listeners) listener(frame);
  });
  const closed = new Promise<number>((resolve) => socket.once("close", resolve));
  await new Promise<void>((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  socket.on("error", () => socket.terminate());
  const live: LiveSocket = {
    frames,
    closed,
    send: (frame) => socket.send(JSON.stringify(frame)),
    async bid(bid, key = randomUUID()) {
      const isAnswer = (frame: ServerFrame): boolean =>
        (frame.type === "outcome" || frame.type === "error") && frame.key === key;
      const answer = live.until(isAnswer);
      live.send({ type: "bid", key, ...(typeof bid === "number" ? { amount: bid } : bid) });
      return (await answer) as Frame<"outcome"> | Frame<"error">;
    },
    until: (fits, timeoutMs = FRAME_TIMEOUT_MS) =>
      waitForFrame({ frames, listeners, closed }, fits, timeoutMs),
    async close() {
      socket.close();
      await closed;
    },
  };
  return live;
}

interface Received {
  readonly frames: readonly ServerFrame[];
  readonly listeners: Set<(frame: ServerFrame) => void>;
  readonly closed: Promise<number>;
}

function waitForFrame(
  { frames, listeners, closed }: Received,
  fits: (frame: ServerFrame) => boolean,
  timeoutMs: number,
): Promise<ServerFrame> {
  const already = frames.find(fits);
  if (already !== undefined) return Promise.resolve(already);
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      clearTimeout(timer);
      listeners.delete(listener);
    };
    const listener = (frame: ServerFrame): void => {
      if (!fits(frame)) return;
      settle();
      resolve(frame);
    };
    const fail = (why: string): void => {
      settle();
      reject(new Error(`${why}; the last frame was ${JSON.stringify(frames.at(-1))}`));
    };
    const timer = setTimeout(() => fail(`no such frame within ${timeoutMs} ms`), timeoutMs);
    listeners.add(listener);
    void closed.then((code) => fail(`the socket closed with ${code}`));
  });
}
