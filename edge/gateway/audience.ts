import { LIVE_PROTOCOL } from "../../shared/frames.ts";
import type { Outcome } from "../../shared/outcomes.ts";
import { NOT_WELCOMED, type Watcher } from "./broadcaster.ts";
import { EventStreamWatcher, HEARTBEAT_EVERY_MS } from "./event-stream-watcher.ts";
import { attachmentFor, type LiveRequest } from "./live-upgrade.ts";
import { count } from "../telemetry/counters.ts";
import { SocketWatcher, type SocketAttachment } from "./socket-watcher.ts";

/**
 * Connections of one gateway, those included that were closed and have not gone. The platform allows 32,768 sockets for an
 * object; at this many a tick of the feed already takes a second and more, and more gateways per auction are the answer.
 */
export const MAX_WATCHERS = 10_000;
/** How often slow watchers are looked for: the look costs some microseconds for each watcher. */
const LOOK_EVERY_MS = 1_000;

/** Everybody who watches an auction through this gateway: hibernatable sockets and event streams. */
export class Audience {
  readonly #ctx: DurableObjectState;
  readonly #sockets = new Map<WebSocket, SocketWatcher>();
  readonly #streams = new Set<EventStreamWatcher>();
  /** Closed from this end, and the client has not answered: whatever was unsent is still in memory. */
  readonly #closing = new Set<WebSocket>();
  #lastHeartbeatAt = 0;
  #lastLookAt = 0;
  #slow = 0;

  constructor(ctx: DurableObjectState) {
    this.#ctx = ctx;
    for (const socket of ctx.getWebSockets()) {
      if (socket.readyState === WebSocket.OPEN) this.watcherOf(socket);
      else this.#closing.add(socket);
    }
  }

  count(): number {
    return this.#sockets.size + this.#streams.size;
  }

  isFull(): boolean {
    return this.count() + this.#closing.size >= MAX_WATCHERS;
  }

  /** What such a socket still says is not heard. */
  isClosing(socket: WebSocket): boolean {
    return this.#closing.has(socket);
  }

  /** Watchers that were behind at the last look: they wait for the newest state, so the gateway must not sleep. */
  slow(): number {
    return this.#slow;
  }

  /** Sockets may sleep with the gateway, streams keep it awake. */
  streams(): number {
    return this.#streams.size;
  }

  *watchers(): Iterable<Watcher> {
    yield* this.#sockets.values();
    yield* this.#streams;
  }

  /** The oldest version that a watcher stands at. */
  oldestSent(): number | undefined {
    let oldest: number | undefined;
    for (const { sent } of this.watchers()) {
      if (sent <= 0 || sent === NOT_WELCOMED) continue;
      if (oldest === undefined || sent < oldest) oldest = sent;
    }
    return oldest;
  }

  openSocket(live: LiveRequest): { response: Response; watcher: Watcher } {
    const { 0: client, 1: server } = new WebSocketPair();
    const attachment = attachmentFor(live);
    // The tag finds a bidder's sockets when this object no longer remembers who sent what.
    this.#ctx.acceptWebSocket(server, live.bidder === undefined ? [] : [live.bidder]);
    server.serializeAttachment(attachment);
    const watcher = this.#newWatcher(server, attachment);
    const headers = { "sec-websocket-protocol": LIVE_PROTOCOL };
    return { response: new Response(null, { status: 101, webSocket: client, headers }), watcher };
  }

  openEvents(): { response: Response; watcher: Watcher } {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const watcher = new EventStreamWatcher(writable.getWriter(), (closed) => this.#streams.delete(closed));
    this.#streams.add(watcher);
    const headers = { "content-type": "text/event-stream", "cache-control": "no-store" };
    return { response: new Response(readable, { headers }), watcher };
  }

  /** The watcher behind a socket; after a sleep it is made anew from what the socket kept. */
  watcherOf(socket: WebSocket): SocketWatcher {
    let watcher = this.#sockets.get(socket);
    if (watcher === undefined) {
      watcher = this.#newWatcher(socket, socket.deserializeAttachment() as SocketAttachment);
    }
    return watcher;
  }

  gone(socket: WebSocket): void {
    this.#sockets.delete(socket);
    this.#closing.delete(socket);
  }

  /** Closes those that have been behind for too long; their clients resume where they were. */
  closeStalled(now: number): void {
    if (now - this.#lastLookAt < LOOK_EVERY_MS) return;
    this.#lastLookAt = now;
    this.#slow = 0;
    for (const watcher of [...this.#sockets.values(), ...this.#streams]) {
      const seen = watcher.slowness.look(watcher.congested(), now);
      if (seen === "none") continue;
      if (seen === "stalled") {
        watcher.closeStalled();
        continue;
      }
      if (seen === "new") count("watchers_fallen_behind");
      this.#slow++;
    }
  }

  #newWatcher(socket: WebSocket, attachment: SocketAttachment): SocketWatcher {
    const watcher = new SocketWatcher(socket, attachment, () => {
      this.#sockets.delete(socket);
      this.#closing.add(socket);
    });
    this.#sockets.set(socket, watcher);
    return watcher;
  }

  /** An outcome whose bid this object does not remember goes to all of its bidder's sockets; only bids are sent on sockets. */
  tellBidder(outcome: Outcome): void {
    if (outcome.kind !== "bid") return;
    for (const socket of this.#ctx.getWebSockets(outcome.actorId)) {
      if (!this.isClosing(socket)) this.watcherOf(socket).decided(outcome);
    }
  }

  heartbeat(now: number): void {
    if (this.#streams.size === 0 || now - this.#lastHeartbeatAt < HEARTBEAT_EVERY_MS) return;
    this.#lastHeartbeatAt = now;
    for (const stream of this.#streams) stream.heartbeat();
  }

  /** Before the gateway sleeps: each socket keeps the version that it was told. */
  rest(): void {
    for (const watcher of this.#sockets.values()) watcher.rest();
  }
}
