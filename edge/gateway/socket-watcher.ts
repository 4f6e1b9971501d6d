import type { Outcome } from "../../shared/outcomes.ts";
import type { BidFrame } from "./bid-frames.ts";
import { NOT_WELCOMED, type Watcher } from "./broadcaster.ts";
import type { OutcomeTarget, PublishFailure } from "./dispatcher.ts";
import { errorFrame, outcomeFrame } from "./frames-out.ts";
import { createSlowness, STALLED_CODE, STALLED_REASON } from "./slowness.ts";
import { count } from "../telemetry/counters.ts";

/** Unsent bytes at which a watcher counts as slow: a second of a busy feed. */
export const CONGESTED_BYTES = 256 * 1_024;
/**
 * Unsent bytes at which a socket is closed at once. The feed stops at `CONGESTED_BYTES`, so these are answers to what the
 * client keeps sending without reading; memory for one socket ends here.
 */
export const MAX_UNSENT_BYTES = 1_024 * 1_024;
/** Advice with a refusal: by then a broken broker has usually been replaced. */
export const RETRY_AFTER_MS = 1_000;

/** What a socket keeps through hibernation (at most 2 KB). */
export interface SocketAttachment {
  /** The bidder, when the token had one. */
  bidder?: string;
  /** Milliseconds since the epoch after which the socket may watch and not bid. */
  expiresAtMs?: number;
  /** The token lets its bearer bid. */
  mayBid: boolean;
  ip: string;
  /** The version that the watcher had been told when the gateway last rested; 0: nothing yet. */
  sent: number;
}

/** One client's WebSocket: a watcher of the feed, and the target of its own bids' outcomes. */
export class SocketWatcher implements Watcher, OutcomeTarget {
  readonly socket: WebSocket;
  readonly attachment: SocketAttachment;
  readonly wantsAck = false;
  sent: number;
  badFrames = 0;
  /** Frames that wait for an admission that had to ask Redis, in the order they came. */
  held: BidFrame[] | undefined;
  readonly slowness = createSlowness();
  readonly #closing: (watcher: SocketWatcher) => void;

  /** `closing` hears of it when the watcher is closed from this end. */
  constructor(
    socket: WebSocket,
    attachment: SocketAttachment,
    closing: (watcher: SocketWatcher) => void = () => {},
  ) {
    this.socket = socket;
    this.#closing = closing;
    this.attachment = attachment;
    this.sent = attachment.sent;
  }

  /** The runtime counts what it could not yet hand to the network; the kernel's buffer for the socket comes before that. */
  #unsentBytes(): number {
    return this.socket.bufferedAmount;
  }

  congested(): boolean {
    return this.#unsentBytes() > CONGESTED_BYTES;
  }

  send(frame: string): void {
    // A socket that is closing refuses to send; its close event follows and removes it.
    if (this.socket.readyState !== WebSocket.OPEN) return;
    if (this.#unsentBytes() > MAX_UNSENT_BYTES) return this.#close("watchers_closed_unsent");
    this.socket.send(frame);
  }

  closeStalled(): void {
    this.#close("watchers_closed_stalled");
  }

  #close(counter: string): void {
    count(counter);
    this.#closing(this);
    this.socket.close(STALLED_CODE, STALLED_REASON);
  }

  decided(outcome: Outcome): void {
    this.send(outcomeFrame(outcome));
  }

  queued(): void {
    // A socket hears of the outcome; that its bid was queued would only be one more frame.
  }

  failed(failure: PublishFailure, key: string): void {
    this.send(
      errorFrame({
        reason: failure,
        key,
        ...(failure === "not_queued" ? { queued: false } : {}),
        retryAfterMs: RETRY_AFTER_MS,
      }),
    );
  }

  /** Before the gateway sleeps: only what has changed is written again. */
  rest(): void {
    if (this.attachment.sent === this.sent || this.sent === NOT_WELCOMED) return;
    this.attachment.sent = this.sent;
    this.socket.serializeAttachment(this.attachment);
  }
}
