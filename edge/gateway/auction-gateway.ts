import { DurableObject } from "cloudflare:workers";
import { bidIdFor } from "../../shared/ids.ts";
import { LIVE_PROTOCOL } from "../../shared/frames.ts";
import type { Outcome } from "../../shared/outcomes.ts";
import { limiterFor, type Limiter } from "../admission/limiter.ts";
import { topologyOf, type Env } from "../env.ts";
import { auctionIdOfGateway, linkNameFor, spread } from "../naming.ts";
import { problem } from "../problem.ts";
import { createCoreQueries, CoreUnavailableError, type CoreQueries } from "../reading/core-queries.ts";
import type { BrokerLink } from "../link/broker-link.ts";
import { ACKED, NOT_QUEUED, readAcked, RESULT, RESYNC, UNKNOWN } from "../link/pipe-protocol.ts";
import { createBroadcaster, type Broadcaster, type Watcher } from "./broadcaster.ts";
import { createDispatcher, LANES, type Dispatcher, type Flight, type PendingCommand } from "./dispatcher.ts";
import { EventStreamWatcher, HEARTBEAT_EVERY_MS } from "./event-stream-watcher.ts";
import { createFeedKeeper, type FeedKeeper } from "./feed-keeper.ts";
import { createFrameHandler, type FrameHandler } from "./frame-handler.ts";
import { isHopeless, looksHopeless } from "./hopeless.ts";
import { createHttpWaiters, type GatewayReply, type HttpWaiters } from "./http-waiters.ts";
import { attachmentFor, readLiveRequest, type LiveRequest } from "./live-upgrade.ts";
import { createLogClock } from "./log-clock.ts";
import { createPipe, type Pipe } from "./pipe.ts";
import { createSeenResults, readResult } from "./results-in.ts";
import { SocketWatcher, type SocketAttachment } from "./socket-watcher.ts";

/** Without anything to do for so long a gateway lets go of its pipe and may hibernate. */
const REST_AFTER_MS = 10_000;
/** How often patience, retries and rest are looked at: often while HTTP calls wait, seldom otherwise. */
const TICK_WAITING_MS = 50;
const TICK_QUIET_MS = 250;

/** What a command from the Worker's routes says; the Worker has parsed and authenticated it. */
export interface SubmitRequest {
  kind: "bid" | "create";
  actorId: string;
  key: string;
  command: string;
  /** 0: answer as soon as the stream has it. */
  waitMs: number;
}

/** Faces an auction's clients: takes their commands in lanes, returns their outcomes, and feeds its watchers. */
export class AuctionGateway extends DurableObject<Env> {
  readonly #name: string;
  readonly #auctionId: string;
  readonly #queries: CoreQueries;
  readonly #limiter: Limiter;
  readonly #clock = createLogClock(() => Date.now());
  readonly #sockets = new Map<WebSocket, SocketWatcher>();
  readonly #streams = new Set<EventStreamWatcher>();
  readonly #seen = createSeenResults();
  readonly #pipe: Pipe;
  readonly #dispatcher: Dispatcher;
  readonly #waiters: HttpWaiters;
  readonly #keeper: FeedKeeper;
  readonly #broadcaster: Broadcaster;
  readonly #frames: FrameHandler;
  #timer = false;
  #lastActiveAt = 0;
  #lastHeartbeatAt = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const topology = topologyOf(env);
    if (ctx.id.name === undefined) throw new Error("a gateway is found by its name");
    this.#name = ctx.id.name;
    this.#auctionId = auctionIdOfGateway(topology, this.#name);
    const link = env.LINK.get(env.LINK.idFromName(linkNameFor(topology, this.#auctionId)));
    this.#queries = createCoreQueries((kind, request) => link.query(kind, request));
    this.#limiter = limiterFor(env);
    this.#pipe = createPipe({
      open: () => openPipe(link, this.#auctionId, this.#name),
      line: (line) => this.#line(line),
      frameDone: () => this.#keeper.settle(),
      lost: (everOpen) => this.#pipeLost(everOpen),
    });
    this.#dispatcher = createDispatcher({
      origin: this.#name,
      incarnation: crypto.randomUUID().replaceAll("-", "").slice(0, 20),
      now: () => Date.now(),
      publish: (id, payload) => this.#pipe.publish(id, payload),
      overdue: (flight) => this.ctx.waitUntil(this.#askFor(flight)),
    });
    this.#waiters = createHttpWaiters({ now: () => Date.now(), withdraw: (command) => this.#dispatcher.withdraw(command) });
    this.#keeper = createFeedKeeper({
      auctionId: this.#auctionId,
      queries: this.#queries,
      oldestWatched: () => this.#oldestWatched(),
      changed: () => this.#broadcaster.changed(),
    });
    this.#broadcaster = createBroadcaster({
      feed: this.#keeper.feed,
      clock: this.#clock,
      watchers: () => this.#watchers(),
      count: () => this.#sockets.size + this.#streams.size,
      undecided: () => this.#dispatcher.undecided(),
      now: () => Date.now(),
      later: (task, afterMs) => void setTimeout(task, afterMs),
    });
    this.#frames = createFrameHandler({
      auctionId: this.#auctionId,
      limiter: this.#limiter,
      clock: this.#clock,
      submit: (actorId, key, json, target) => this.#dispatch({ actorId, key, json, target }),
      looksHopeless: () => looksHopeless(this.#keeper.feed.view()),
      isHopeless: (bidder, key) => this.#isHopeless(bidder, key),
    });
    for (const socket of ctx.getWebSockets()) this.#remember(socket);
  }

  /** A command from the Worker; the reply is a `GatewayReply` as JSON. */
  async submit(request: SubmitRequest): Promise<string> {
    this.#active();
    const reply = await this.#answer(request);
    return JSON.stringify(reply);
  }

  /** Results that came while this gateway had no pipe. False: nobody listens here, forget the registration. */
  async deliver(frame: string): Promise<boolean> {
    this.#active();
    await this.#awake();
    for (const line of frame.split("\n")) this.#line(line);
    this.#keeper.settle();
    return this.#listening();
  }

  /** A live connection, as the Worker's headers describe it. */
  override async fetch(request: Request): Promise<Response> {
    this.#active();
    const live = readLiveRequest(request);
    if (!(await this.#awake())) return problem("unavailable");
    if (!this.#keeper.exists()) return problem("auction_not_found");
    return live.transport === "socket" ? this.#openSocket(live) : this.#openEvents(live);
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    this.#active();
    const watcher = this.#sockets.get(socket) ?? this.#remember(socket);
    this.#frames.receive(watcher, message);
  }

  override webSocketClose(socket: WebSocket): void {
    this.#sockets.delete(socket);
    // Completes the closing handshake; without it some clients wait for half a minute.
    socket.close();
  }

  override webSocketError(socket: WebSocket): void {
    this.#sockets.delete(socket);
  }

  async #answer(request: SubmitRequest): Promise<GatewayReply> {
    const { kind, actorId, key, command: json } = request;
    if (kind === "bid") {
      if (!this.#keeper.exists() && !(await this.#awake())) return { kind: "unavailable" };
      if (!this.#keeper.exists()) return { kind: "not_found" };
      if (looksHopeless(this.#keeper.feed.view()) && (await this.#isHopeless(actorId, key))) {
        return { kind: "hopeless", reason: "auction_closed" };
      }
    }
    const reply = await this.#waiters.wait(request.waitMs, (target) => {
      const command = { actorId, key, json, target };
      return this.#dispatch(command) ? command : undefined;
    });
    if (kind === "bid" || reply.kind !== "decided") return reply;
    const view = this.#keeper.feed.view();
    return view === undefined ? reply : { ...reply, auction: view };
  }

  #dispatch(command: PendingCommand): boolean {
    return this.#dispatcher.submit(spread(command.actorId, LANES), command);
  }

  async #isHopeless(bidder: string, key: string): Promise<boolean> {
    const bidId = bidIdFor(this.#auctionId, bidder, key);
    const known = await this.#queries
      .ask("bid", { auctionId: this.#auctionId, bidId })
      .catch((error: unknown) => unlessUnavailable(error));
    return isHopeless(this.#keeper.feed.view(), known);
  }

  #line(line: string): void {
    switch (line[0]) {
      case ACKED: {
        const { envelopeId, seq } = readAcked(line);
        return this.#dispatcher.acked(envelopeId, seq);
      }
      case NOT_QUEUED:
        return this.#dispatcher.notQueued(line.slice(1));
      case UNKNOWN:
        return this.#dispatcher.unknown(line.slice(1));
      case RESULT:
        return this.#result(line.slice(1));
      case RESYNC:
        return this.ctx.waitUntil(this.#keeper.refresh());
    }
  }

  #result(text: string): void {
    const result = readResult(text, this.#auctionId);
    this.#lastActiveAt = Date.now();
    this.#clock.observe(result.at);
    this.#keeper.take(result);
    if (!this.#seen.first(result.seq) || result.origin !== this.#name) return;
    if (this.#dispatcher.decided(result)) return;
    // Sent by an earlier incarnation of this object: its sockets are found by their bidders.
    for (const outcome of result.outcomes) this.#tellBidder(outcome);
  }

  #tellBidder(outcome: Outcome): void {
    for (const socket of this.ctx.getWebSockets(outcome.actorId)) {
      (this.#sockets.get(socket) ?? this.#remember(socket)).decided(outcome);
    }
  }

  /** The result of an envelope is overdue: it may have been missed, so the core is asked for each of its bids. */
  async #askFor(flight: Flight): Promise<void> {
    const outcomes: Outcome[] = [];
    for (const [index, command] of flight.commands.entries()) {
      const bidId = bidIdFor(this.#auctionId, command.actorId, command.key);
      const known = await this.#queries.ask("bid", { auctionId: this.#auctionId, bidId }).catch((error: unknown) => unlessUnavailable(error));
      // An envelope is committed as a whole: if its first command is not decided, none is.
      if (known === undefined || known === null || known.outcome === null) return;
      outcomes.push({ ...known.outcome, index });
    }
    this.#dispatcher.decided({ envelopeId: flight.id, outcomes });
  }

  #pipeLost(everOpen: boolean): void {
    this.#dispatcher.pipeLost(everOpen);
    if (everOpen && this.#listening()) this.ctx.waitUntil(this.#pipe.ready().then(() => this.#keeper.refresh()));
  }

  /** The pipe open and the auction loaded; false when the link or the core cannot be reached. */
  async #awake(): Promise<boolean> {
    if (!(await this.#pipe.ready())) return false;
    return this.#keeper.load();
  }

  #openSocket(live: LiveRequest): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    const attachment = attachmentFor(live);
    this.ctx.acceptWebSocket(server, live.bidder === undefined ? [] : [live.bidder]);
    server.serializeAttachment(attachment);
    const watcher = new SocketWatcher(server, attachment);
    this.#sockets.set(server, watcher);
    this.ctx.waitUntil(this.#welcome(watcher, live.since));
    return new Response(null, { status: 101, webSocket: client, headers: { "sec-websocket-protocol": LIVE_PROTOCOL } });
  }

  #openEvents(live: LiveRequest): Response {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const watcher = new EventStreamWatcher(writable.getWriter(), 0, (closed) => this.#streams.delete(closed));
    this.#streams.add(watcher);
    this.ctx.waitUntil(this.#welcome(watcher, live.since));
    return new Response(readable, { headers: { "content-type": "text/event-stream", "cache-control": "no-store" } });
  }

  /** The first frame: what was missed since the version that the client knows, or a snapshot. */
  async #welcome(watcher: Watcher, since: number | undefined): Promise<void> {
    if (since !== undefined && since > 0) await this.#keeper.reachBack(since);
    watcher.sent = since !== undefined && this.#keeper.feed.since(since) !== undefined ? since : 0;
    this.#broadcaster.catchUp(watcher);
  }

  #remember(socket: WebSocket): SocketWatcher {
    const watcher = new SocketWatcher(socket, socket.deserializeAttachment() as SocketAttachment);
    this.#sockets.set(socket, watcher);
    return watcher;
  }

  *#watchers(): Iterable<Watcher> {
    yield* this.#sockets.values();
    yield* this.#streams;
  }

  #oldestWatched(): number | undefined {
    let oldest: number | undefined;
    for (const { sent } of this.#watchers()) if (sent > 0 && (oldest === undefined || sent < oldest)) oldest = sent;
    return oldest;
  }

  #listening(): boolean {
    return this.#sockets.size + this.#streams.size + this.#waiters.size() + this.#dispatcher.undecided() > 0;
  }

  #active(): void {
    this.#lastActiveAt = Date.now();
    if (!this.#timer) this.#tickLater();
  }

  #tickLater(): void {
    this.#timer = true;
    setTimeout(() => this.#tick(), this.#waiters.size() > 0 ? TICK_WAITING_MS : TICK_QUIET_MS);
  }

  #tick(): void {
    const now = Date.now();
    this.#waiters.expire();
    this.#dispatcher.sweep();
    if (this.#streams.size > 0 && now - this.#lastHeartbeatAt > HEARTBEAT_EVERY_MS) {
      this.#lastHeartbeatAt = now;
      for (const stream of this.#streams) stream.heartbeat();
    }
    const idle = now - this.#lastActiveAt > REST_AFTER_MS && this.#waiters.size() + this.#streams.size + this.#dispatcher.undecided() === 0;
    if (idle) this.#rest();
    else this.#tickLater();
  }

  /** Without a timer and a pipe the object may hibernate; the link calls when something happens. */
  #rest(): void {
    this.#timer = false;
    for (const watcher of this.#sockets.values()) watcher.rest();
    this.#pipe.rest(this.#sockets.size > 0 ? "sleep" : "leave");
  }
}

async function openPipe(link: DurableObjectStub<BrokerLink>, auctionId: string, gateway: string): Promise<WebSocket> {
  const query = new URLSearchParams({ auction: auctionId, gateway });
  const response = await link.fetch(`https://link/pipe?${query.toString()}`, { headers: { upgrade: "websocket" } });
  if (response.webSocket === null) throw new Error(`the link refused the pipe with ${response.status}`);
  return response.webSocket;
}

function unlessUnavailable(error: unknown): undefined {
  if (!(error instanceof CoreUnavailableError)) throw error;
}
