import type { Verdict } from "../admission/leases.ts";
import type { Limiter } from "../admission/limiter.ts";
import { bidCommandJson, readFrame, type BidFrame } from "./bid-frames.ts";
import type { OutcomeTarget } from "./dispatcher.ts";
import { errorFrame, pongFrame } from "./frames-out.ts";
import type { HopelessCheck } from "./hopeless.ts";
import type { LogClock } from "./log-clock.ts";
import { RETRY_AFTER_MS, type SocketWatcher } from "./socket-watcher.ts";

/** Frames of one socket that wait behind one that had to ask Redis; forty milliseconds of a very fast bidder. */
const MAX_HELD_FRAMES = 64;
/** After so many senseless frames a socket is closed: no client of ours sends them. */
const MAX_BAD_FRAMES = 50;
const POLICY_VIOLATION = 1008;

export interface FrameHandlerDeps {
  limiter: Limiter;
  clock: LogClock;
  auctionId: string;
  /** False when the gateway has too many undecided commands. */
  submit(bidder: string, key: string, command: string, target: OutcomeTarget): boolean;
  hopeless: HopelessCheck;
}

export interface FrameHandler {
  receive(watcher: SocketWatcher, message: string | ArrayBuffer): void;
}

/** What a client says on its socket, in the order it says it. */
export function createFrameHandler(deps: FrameHandlerDeps): FrameHandler {
  const refuse = (
    watcher: SocketWatcher,
    reason: string,
    more: { key?: string; detail?: string; retryAfterMs?: number } = {},
  ): void => {
    watcher.send(errorFrame({ reason, ...more, ...(more.key === undefined ? {} : { queued: false }) }));
  };

  const receive = (watcher: SocketWatcher, message: string | ArrayBuffer): void => {
    const read = readFrame(message);
    if (!("frame" in read)) {
      const { reason, ...more } = read;
      refuse(watcher, reason, more);
      if (++watcher.badFrames > MAX_BAD_FRAMES)
        watcher.socket.close(POLICY_VIOLATION, "too many malformed frames");
      return;
    }
    if (read.frame.type === "ping") return watcher.send(pongFrame(read.frame.t, deps.clock.now()));
    if (watcher.held === undefined) return bid(watcher, read.frame);
    if (watcher.held.length >= MAX_HELD_FRAMES)
      return refuse(watcher, "not_queued", { key: read.frame.key, retryAfterMs: RETRY_AFTER_MS });
    watcher.held.push(read.frame);
  };

  const bid = (watcher: SocketWatcher, frame: BidFrame): void => {
    const { bidder, expiresAtMs, mayBid, ip } = watcher.attachment;
    if (bidder === undefined) return refuse(watcher, "unauthenticated", { key: frame.key });
    if (!mayBid) return refuse(watcher, "forbidden", { key: frame.key });
    if (expiresAtMs !== undefined && Date.now() >= expiresAtMs) {
      return refuse(watcher, "unauthenticated", { key: frame.key, detail: "the token has expired" });
    }
    const local = deps.limiter.writeBy(bidder, "bid");
    if (!local.allowed)
      return refuse(watcher, "rate_limited", { key: frame.key, retryAfterMs: local.retryAfterMs });
    const verdict = deps.limiter.bid(bidder, ip, deps.auctionId);
    if (verdict instanceof Promise || deps.hopeless.looks()) return void later(watcher, frame, verdict);
    queue(watcher, frame, verdict);
  };

  const queue = (watcher: SocketWatcher, frame: BidFrame, verdict: Verdict): void => {
    const bidder = watcher.attachment.bidder as string;
    if (!verdict.allowed)
      return refuse(watcher, "rate_limited", { key: frame.key, retryAfterMs: verdict.retryAfterMs });
    if (!deps.submit(bidder, frame.key, bidCommandJson(bidder, frame), watcher)) {
      refuse(watcher, "not_queued", { key: frame.key, retryAfterMs: RETRY_AFTER_MS });
    }
  };

  /** Waits for Redis or the core; what the socket sends meanwhile is held, so that its order stands. */
  const later = async (
    watcher: SocketWatcher,
    frame: BidFrame,
    pending: Verdict | Promise<Verdict>,
  ): Promise<void> => {
    watcher.held = [];
    try {
      const verdict = await pending;
      const bidder = watcher.attachment.bidder as string;
      const hopeless = deps.hopeless.looks() ? await deps.hopeless.reason(bidder, frame.key) : undefined;
      if (verdict.allowed && hopeless !== undefined) refuse(watcher, hopeless, { key: frame.key });
      else queue(watcher, frame, verdict);
    } catch (error) {
      // A bug, since a limiter that cannot be asked answers for itself; the bidder is not left without a word.
      console.error(JSON.stringify({ level: "error", msg: "a bid was not admitted", error: String(error) }));
      refuse(watcher, "not_queued", { key: frame.key, retryAfterMs: RETRY_AFTER_MS });
    } finally {
      const held = watcher.held;
      watcher.held = undefined;
      for (const [i, next] of held.entries()) {
        bid(watcher, next);
        if (watcher.held === undefined) continue;
        (watcher.held as BidFrame[]).push(...held.slice(i + 1));
        break;
      }
    }
  };

  return { receive };
}
