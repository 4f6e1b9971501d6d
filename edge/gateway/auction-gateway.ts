import { DurableObject } from "cloudflare:workers";
import { outcomesIn } from "../../shared/results.ts";
import { limiterFor } from "../admission/limiter.ts";
import { topologyOf, type Env } from "../env.ts";
import { auctionIdOfGateway, linkNameFor, spread } from "../naming.ts";
import { problem } from "../problem.ts";
import { createCoreQueries } from "../reading/core-queries.ts";
import { ACKED, NOT_QUEUED, readAcked, RESULT, RESYNC, UNKNOWN } from "../link/pipe-protocol.ts";
import { Audience } from "./audience.ts";
import { createBroadcaster, NOT_WELCOMED, type Broadcaster, type Watcher } from "./broadcaster.ts";
import { createDispatcher, LANES, type Dispatcher, type PendingCommand } from "./dispatcher.ts";
import { createFeedKeeper, type FeedKeeper } from "./feed-keeper.ts";
import { createFrameHandler, type FrameHandler } from "./frame-handler.ts";
import { createHopelessCheck, type HopelessCheck } from "./hopeless.ts";
import { createHttpWaiters, type GatewayReply, type HttpWaiters } from "./http-waiters.ts";
import { readLiveRequest } from "./live-upgrade.ts";
import { createLogClock } from "./log-clock.ts";
import { askForOverdue } from "./overdue.ts";
import { createPipe, openPipe, type Pipe } from "./pipe.ts";
import { createSeenResults, readResult } from "./results-in.ts";

/** Without anything to do for so long a gateway lets go of its pipe and may hibernate. */
const REST_AFTER_MS = 10_000;
/** How often patience, retries and rest are looked at: often while HTTP calls wait, seldom otherwise. */
const TICK_WAITING_MS = 50;
const TICK_QUIET_MS = 1_000;

/** What a command from the Worker's routes says; the Worker has parsed and authenticated it. */
export interface SubmitRequest {
  kind: PendingCommand["kind"];
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
  readonly #clock = createLogClock(() => Date.now());
  readonly #audience: Audience;
  readonly #seen = createSeenResults();
  readonly #pipe: Pipe;
  readonly #dispatcher: Dispatcher;
  readonly #waiters: HttpWaiters;
  readonly #keeper: FeedKeeper;
  readonly #broadcaster: Broadcaster;
  readonly #hopeless: HopelessCheck;
  readonly #frames: FrameHandler;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #tickAt = 0;
  #lastActiveAt = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const topology = topologyOf(env);
    if (ctx.id.name === undefined) throw new Error("a gateway is found by its name");
    this.#name = ctx.id.name;
    this.#auctionId = auctionIdOfGateway(topology, this.#name);
    const link = env.LINK.get(env.LINK.idFromName(linkNameFor(topology, this.#auctionId)));
    const queries = createCoreQueries((kind, request) => link.query(kind, request));
    this.#audience = new Audience(ctx);
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
      publish: (id, payload, urgent) => this.#pipe.publish(id, payload, urgent),
      hurry: () => this.#pipe.hurry(),
      overdue: (flight) =>
        this.ctx.waitUntil(
          askForOverdue(flight, {
            auctionId: this.#auctionId,
            queries,
            decided: (id, outcomes) => this.#dispatcher.decided(id, outcomes),
            refresh: () => this.#keeper.refresh(),
            now: () => Date.now(),
          }),
        ),
    });
    this.#waiters = createHttpWaiters({
      now: () => Date.now(),
      withdraw: (command) => this.#dispatcher.withdraw(command),
    });
    this.#keeper = createFeedKeeper({
      auctionId: this.#auctionId,
      queries,
      oldestWatched: () => this.#audience.oldestSent(),
      changed: () => this.#broadcaster.changed(),
    });
    this.#broadcaster = createBroadcaster({
      feed: this.#keeper.feed,
      clock: this.#clock,
      watchers: () => this.#audience.watchers(),
      count: () => this.#audience.count(),
      undecided: () => this.#dispatcher.undecided(),
      now: () => Date.now(),
      later: (task, afterMs) => void setTimeout(task, afterMs),
    });
    const view = () => this.#keeper.feed.view();
    this.#hopeless = createHopelessCheck({ auctionId: this.#auctionId, queries, view });
    this.#frames = createFrameHandler({
      auctionId: this.#auctionId,
      limiter: limiterFor(env),
      clock: this.#clock,
      submit: (actorId, key, json, target) => this.#dispatch({ kind: "bid", actorId, key, json, target }),
      hopeless: this.#hopeless,
    });
  }

  /** A `SubmitRequest` from the Worker; the reply is a `GatewayReply`. Both as JSON: a call copies one text cheaply. */
  async submit(request: string): Promise<string> {
    this.#active();
    const reply = await this.#answer(JSON.parse(request) as SubmitRequest);
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
    if (this.#audience.isFull())
      return problem("unavailable", { detail: "too many watch this auction here" });
    const { response, watcher } =
      live.transport === "socket" ? this.#audience.openSocket(live) : this.#audience.openEvents();
    this.ctx.waitUntil(this.#welcome(watcher, live.since));
    return response;
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    if (this.#audience.isClosing(socket)) return;
    this.#active();
    this.#frames.receive(this.#audience.watcherOf(socket), message);
  }

  override webSocketClose(socket: WebSocket): void {
    this.#audience.gone(socket);
    // Completes the closing handshake; without it some clients wait for half a minute.
    socket.close();
  }

  override webSocketError(socket: WebSocket): void {
    this.#audience.gone(socket);
  }

  async #answer(request: SubmitRequest): Promise<GatewayReply> {
    const { kind, actorId, key, command: json } = request;
    if (kind !== "create") {
      if (!this.#keeper.exists() && !(await this.#awake())) return { kind: "unavailable" };
      if (!this.#keeper.exists()) return { kind: "not_found" };
    }
    if (kind === "bid" && this.#hopeless.looks()) {
      const reason = await this.#hopeless.reason(actorId, key);
      if (reason !== undefined) return { kind: "hopeless", reason };
    }
    this.#tickWithin(TICK_WAITING_MS);
    const reply = await this.#waiters.wait(request.waitMs, (target) => {
      const command = { kind, actorId, key, json, target };
      return this.#dispatch(command) ? command : undefined;
    });
    if (kind === "bid" || reply.kind !== "decided") return reply;
    const view = this.#keeper.feed.view();
    // Behind a gap the feed may still show the auction as it was before the command.
    return view === undefined || view.version < reply.outcome.version ? reply : { ...reply, auction: view };
  }

  #dispatch(command: PendingCommand): boolean {
    return this.#dispatcher.submit(spread(command.actorId, LANES), command);
  }

  #line(line: string): void {
    switch (line.charAt(0)) {
      case ACKED: {
        const { envelopeId, seq } = readAcked(line);
        return this.#dispatcher.acked(envelopeId, seq);
      }
      case NOT_QUEUED:
        this.#tickWithin(TICK_WAITING_MS);
        return this.#dispatcher.notQueued(line.slice(1));
      case UNKNOWN:
        this.#tickWithin(TICK_WAITING_MS);
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
    const outcomes = outcomesIn(result);
    if (this.#dispatcher.decided(result.envelopeId, outcomes)) return;
    // Sent by an earlier incarnation of this object: its sockets are found by their bidders.
    for (const outcome of outcomes) if (outcome !== null) this.#audience.tellBidder(outcome);
  }

  #pipeLost(everOpen: boolean): void {
    this.#dispatcher.pipeLost(everOpen);
    this.#tickWithin(TICK_WAITING_MS);
    if (everOpen && this.#listening())
      this.ctx.waitUntil(this.#pipe.ready().then(() => this.#keeper.refresh()));
  }

  /** The pipe open and the auction loaded; false when the link or the core cannot be reached. */
  async #awake(): Promise<boolean> {
    if (!(await this.#pipe.ready())) return false;
    return this.#keeper.load();
  }

  /** The first frame: what was missed since the version that the client knows, or a snapshot. */
  async #welcome(watcher: Watcher, since: number | undefined): Promise<void> {
    // Meanwhile others are told of changes; to this one a newer state now, and then the range up to it, would be a step back.
    watcher.sent = NOT_WELCOMED;
    try {
      if (since !== undefined && since > 0) await this.#keeper.reachBack(since);
    } finally {
      watcher.sent = since !== undefined && this.#keeper.feed.since(since) !== undefined ? since : 0;
      this.#broadcaster.catchUp(watcher);
    }
  }

  #listening(): boolean {
    return this.#audience.count() + this.#waiters.size() + this.#dispatcher.undecided() > 0;
  }

  #active(): void {
    this.#lastActiveAt = Date.now();
    if (this.#timer === undefined) this.#tickWithin(TICK_QUIET_MS);
  }

  /** One timer for everything that waits, pulled forward when something cannot wait so long. */
  #tickWithin(ms: number): void {
    const at = Date.now() + ms;
    if (this.#timer !== undefined && this.#tickAt <= at) return;
    clearTimeout(this.#timer);
    this.#tickAt = at;
    this.#timer = setTimeout(() => this.#tick(), ms);
  }

  #tick(): void {
    this.#timer = undefined;
    const now = Date.now();
    this.#waiters.expire();
    this.#dispatcher.sweep();
    this.#audience.heartbeat(now);
    this.#audience.closeStalled(now);
    const idle =
      now - this.#lastActiveAt > REST_AFTER_MS &&
      this.#waiters.size() +
        this.#audience.streams() +
        this.#audience.slow() +
        this.#dispatcher.undecided() ===
        0;
    if (idle) this.#rest();
    else
      this.#tickWithin(
        this.#waiters.size() > 0 || this.#dispatcher.retrying() ? TICK_WAITING_MS : TICK_QUIET_MS,
      );
  }

  /** Without a timer and a pipe the object may hibernate; the link calls when something happens. */
  #rest(): void {
    this.#audience.rest();
    this.#pipe.rest(this.#audience.count() > 0 ? "sleep" : "leave");
  }
}
