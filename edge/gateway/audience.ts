import { LIVE_PROTOCOL } from "../../shared/frames.ts";
import type { Outcome } from "../../shared/outcomes.ts";
import type { Watcher } from "./broadcaster.ts";
import { EventStreamWatcher, HEARTBEAT_EVERY_MS } from "./event-stream-watcher.ts";
import { attachmentFor, type LiveRequest } from "./live-upgrade.ts";
import { SocketWatcher, type SocketAttachment } from "./socket-watcher.ts";

/** Everybody who watches an auction through this gateway: hibernatable sockets and event streams. */
export class Audience {
  readonly #ctx: DurableObjectState;
  readonly #sockets = new Map<WebSocket, SocketWatcher>();
  readonly #streams = new Set<EventStreamWatcher>();
  #lastHeartbeatAt = 0;

  constructor(ctx: DurableObjectState) {
    this.#ctx = ctx;
    for (const socket of ctx.getWebSockets()) this.watcherOf(socket);
  }

  count(): number {
    return this.#sockets.size + this.#streams.size;
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
      if (sent > 0 && (oldest === undefined || sent < oldest)) oldest = sent;
    }
    return oldest;
  }

  openSocket(live: LiveRequest): { response: Response; watcher: Watcher } {
    const { 0: client, 1: server } = new WebSocketPair();
    const attachment = attachmentFor(live);
    // The tag finds a bidder's sockets when this object no longer remembers who sent what.
    this.#ctx.acceptWebSocket(server, live.bidder === undefined ? [] : [live.bidder]);
    server.serializeAttachment(attachment);
    const watcher = new SocketWatcher(server, attachment);
    this.#sockets.set(server, watcher);
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
      watcher = new SocketWatcher(socket, socket.deserializeAttachment() as SocketAttachment);
      this.#sockets.set(socket, watcher);
    }
    return watcher;
  }

  gone(socket: WebSocket): void {
    this.#sockets.delete(socket);
  }

  /** An outcome whose bid this object does not remember goes to all of its bidder's sockets; only bids are sent on sockets. */
  tellBidder(outcome: Outcome): void {
    if (outcome.kind !== "bid") return;
    for (const socket of this.#ctx.getWebSockets(outcome.actorId)) this.watcherOf(socket).decided(outcome);
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
