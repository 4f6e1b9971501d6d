import { randomUUID } from "node:crypto";
import type { AuctionView } from "../../../shared/auctions.ts";
import type { BidBody } from "../../../shared/bids.ts";
import type { CreateAuction } from "../../../shared/terms.ts";
import {
  createAuction,
  edgeOf,
  type Edge,
  type Frame,
  type LiveSocket,
  manage,
  openLive,
  type Reply,
  type Role,
  request,
  sendBid,
  settleOrder,
  tokenFor,
} from "../../support/client.ts";
import type { StackAddress } from "../../support/stack.ts";
import type { ToldBid, ToldOutcome } from "../../support/verdict.ts";

/** Who asks, and in which role; a bare name is a bidder's. */
export interface Actor {
  readonly id: string;
  readonly role: Role;
}

/** One auction in a test, with everybody's doors to it. It remembers what the bidders were told. */
export interface Saleroom {
  readonly stack: StackAddress;
  readonly edge: Edge;
  readonly id: string;
  /** As the create answered. */
  readonly created: AuctionView;
  readonly seller: Actor;
  readonly operator: Actor;
  /** Sees everything from the first version that there is to watch. */
  readonly watcher: LiveSocket;
  readonly told: ToldBid[];
  /** Bids over HTTP. */
  bid(bidderId: string, body: BidBody, key?: string): Promise<Reply>;
  /** Bids over the bidder's own WebSocket. */
  bidLive(bidderId: string, body: BidBody, key?: string): Promise<Frame<"outcome"> | Frame<"error">>;
  /** The bidder's own WebSocket; one for each bidder. */
  socketOf(bidderId: string): Promise<LiveSocket>;
  /** What sellers and operators do to the auction; with a reason unless the body says otherwise. */
  manage(actor: Actor, action: string, body?: Record<string, unknown>): Promise<Reply>;
  /** What becomes of the auction's n-th order. */
  settle(actor: Actor, number: number, action: string, body?: Record<string, unknown>): Promise<Reply>;
  /** GET below the auction, or the auction itself; as somebody, if it is not for everybody. */
  read(below?: string, actor?: Actor): Promise<Reply>;
  /** The auction as anyone sees it, no older than a frame or a reply that told of a version. */
  viewSince(told: { readonly version: number } | Reply): Promise<Record<string, unknown>>;
  orderId(number: number): string;
  /** Hangs up all sockets. */
  leave(): Promise<void>;
}

export const bidderNamed = (id: string): Actor => ({ id, role: "bidder" });

/** A name that nobody else in the stack has: the suites share one. */
export const someone = (name: string): string => `${name}-${randomUUID().slice(0, 8)}`;

export async function openSaleroom(
  stack: StackAddress,
  terms: CreateAuction,
  options: { seller?: string; key?: string } = {},
): Promise<Saleroom> {
  const edge = edgeOf(stack);
  const seller: Actor = { id: options.seller ?? someone("seller"), role: "seller" };
  const tokens = new Map<string, Promise<string>>();
  const tokenOf = ({ id, role }: Actor): Promise<string> => {
    const token = tokens.get(`${role} ${id}`) ?? tokenFor(edge, id, role);
    tokens.set(`${role} ${id}`, token);
    return token;
  };
  const { key } = options;
  const created = await createAuction(edge, {
    terms,
    token: await tokenOf(seller),
    ...(key === undefined ? {} : { key }),
  });
  const auctionId = created.id;
  const told: ToldBid[] = [];
  const remember = (bidderId: string, outcome: ToldOutcome): void => {
    // Another body under a taken key: that says nothing of what the key's own bid came to.
    if (outcome.reason !== "idempotency_key_reused") told.push({ auctionId, bidderId, told: outcome });
  };
  const sockets = new Map<string, Promise<LiveSocket>>();
  const watcher = await openLive(edge, auctionId, { since: 0 });
  const reason = { reason: "because a test says so" };
  const room: Saleroom = {
    stack,
    edge,
    id: auctionId,
    created,
    seller,
    operator: { id: "olga", role: "operator" },
    watcher,
    told,
    async bid(bidderId, body, bidKey = randomUUID()) {
      const token = await tokenOf(bidderNamed(bidderId));
      const reply = await sendBid(edge, auctionId, { token, body, key: bidKey });
      const outcome = toldOver(reply, bidKey);
      if (outcome !== undefined) remember(bidderId, outcome);
      return reply;
    },
    async bidLive(bidderId, body, bidKey = randomUUID()) {
      const socket = await room.socketOf(bidderId);
      const answer = await socket.bid(body, bidKey);
      if (answer.type === "outcome") remember(bidderId, answer);
      return answer;
    },
    socketOf(bidderId) {
      const socket =
        sockets.get(bidderId) ??
        tokenOf(bidderNamed(bidderId)).then((token) => openLive(edge, auctionId, { token }));
      sockets.set(bidderId, socket);
      return socket;
    },
    async manage(actor, action, body = reason) {
      return manage(edge, auctionId, action, { token: await tokenOf(actor), body });
    },
    async settle(actor, number, action, body = reason) {
      return settleOrder(edge, room.orderId(number), action, { token: await tokenOf(actor), body });
    },
    async read(below = "", actor) {
      const headers = actor === undefined ? {} : { authorization: `Bearer ${await tokenOf(actor)}` };
      return request(edge, `/v1/auctions/${auctionId}${below}`, { headers });
    },
    async viewSince(seen) {
      const version = "version" in seen ? seen.version : Number(seen.body["version"]);
      return (await room.read(`?minVersion=${version}`)).body;
    },
    orderId: (number) => `${auctionId}-${number}`,
    async leave() {
      const open = await Promise.all(sockets.values());
      await Promise.all([watcher, ...open].map((socket) => socket.close()));
    },
  };
  return room;
}

/** What an HTTP reply says was decided; undefined when it says something else. */
function toldOver({ body }: Reply, key: string): ToldOutcome | undefined {
  const { outcome, seq, index, version, at, reason } = body;
  if (outcome !== "accepted" && outcome !== "rejected") return undefined;
  const place = { seq: Number(seq), index: Number(index), version: Number(version), at: Number(at) };
  return { key, outcome, ...place, ...(typeof reason === "string" ? { reason } : {}) };
}
