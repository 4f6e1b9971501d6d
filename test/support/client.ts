import { randomUUID } from "node:crypto";
import { WebSocket } from "ws";
import { devToken } from "../../infra/local/dev-key.ts";
import type { CreateAuction } from "../../shared/auctions.ts";
import { auctionViewSchema } from "../../shared/auctions.ts";
import type { AuctionView } from "../../shared/auctions.ts";
import { BEARER_PROTOCOL_PREFIX, LIVE_PROTOCOL, serverFrameSchema } from "../../shared/frames.ts";
import type { ClientFrame, ServerFrame } from "../../shared/frames.ts";

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
export function englishTerms(changes: Partial<CreateAuction> = {}): CreateAuction {
  const endsAt = Date.now() + HOUR_MS;
  return {
    format: "english",
    title: "A lot",
    currency: "EUR",
    startPrice: 1_000,
    increment: 100,
    endsAt,
    ...changes,
  };
}

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

export function placeBid(
  edge: Edge,
  auctionId: string,
  options: { token: string; amount: number; key?: string; prefer?: string },
): Promise<Reply> {
  const { token, amount, key, prefer } = options;
  return post(edge, `/v1/auctions/${auctionId}/bids`, {
    token,
    body: { amount },
    ...(key === undefined ? {} : { key }),
    ...(prefer === undefined ? {} : { headers: { prefer } }),
  });
}

export type Frame<T extends ServerFrame["type"]> = Extract<ServerFrame, { type: T }>;

export interface LiveSocket {
  /** Everything received so far, in order. */
  readonly frames: readonly ServerFrame[];
  send(frame: ClientFrame): void;
  /** Sends a bid and waits for what became of it. */
  bid(amount: number, key?: string): Promise<Frame<"outcome"> | Frame<"error">>;
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
    async bid(amount, key = randomUUID()) {
      const isAnswer = (frame: ServerFrame): boolean =>
        (frame.type === "outcome" || frame.type === "error") && frame.key === key;
      const answer = live.until(isAnswer);
      live.send({ type: "bid", key, amount });
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
