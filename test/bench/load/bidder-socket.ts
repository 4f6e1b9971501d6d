import { BEARER_PROTOCOL_PREFIX, LIVE_PROTOCOL } from "../../../shared/frames.ts";
import type { ClientFrame, ServerFrame } from "../../../shared/frames.ts";
import type { LoadBidder } from "./bid-load.ts";

/** Updates are what a watcher is sent most of; they are counted, and not parsed. */
const UPDATE_PREFIX = '{"type":"update"';

/** A socket that has not had its snapshot by then never will. */
const OPEN_TIMEOUT_MS = 20_000;

export interface BidderSocketHandlers {
  /** `sentMs` is what `bid` was given. */
  onOutcome(socket: BidderSocket, frame: Extract<ServerFrame, { type: "outcome" }>, sentMs: number): void;
  onRefused(socket: BidderSocket, frame: Extract<ServerFrame, { type: "error" }>): void;
  onUpdate(): void;
  onClosed(): void;
}

/** One live connection of one bidder. */
export interface BidderSocket {
  readonly bidder: LoadBidder;
  readonly outstanding: number;
  readonly isOpen: boolean;
  /** Sends a bid with a key of its own; `sentMs` is the moment from which its latency counts. */
  bid(amount: number, sentMs: number): void;
  close(): void;
}

/** Resolves with the socket once it has its snapshot. */
export function openBidderSocket(
  edgeUrl: string,
  bidder: LoadBidder,
  handlers: BidderSocketHandlers,
): Promise<BidderSocket> {
  const url = `${edgeUrl.replace(/^http/, "ws")}/v1/auctions/${bidder.auctionId}/live`;
  const webSocket = new WebSocket(url, [LIVE_PROTOCOL, `${BEARER_PROTOCOL_PREFIX}${bidder.token}`]);
  const sentMsByKey = new Map<string, number>();
  let made = 0;
  let closing = false;
  const socket: BidderSocket = {
    bidder,
    get outstanding() {
      return sentMsByKey.size;
    },
    get isOpen() {
      return webSocket.readyState === WebSocket.OPEN;
    },
    bid(amount, sentMs) {
      const key = bidKey(made++);
      sentMsByKey.set(key, sentMs);
      webSocket.send(JSON.stringify({ type: "bid", key, amount } satisfies ClientFrame));
    },
    close() {
      closing = true;
      webSocket.close();
    },
  };

  function onFrame(frame: ServerFrame): void {
    if (frame.type !== "outcome" && frame.type !== "error") return;
    const sentMs = frame.key === undefined ? undefined : sentMsByKey.get(frame.key);
    if (frame.key !== undefined) sentMsByKey.delete(frame.key);
    if (frame.type === "error") handlers.onRefused(socket, frame);
    else if (sentMs !== undefined) handlers.onOutcome(socket, frame, sentMs);
  }

  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${url} sent no snapshot`)), OPEN_TIMEOUT_MS);
    webSocket.addEventListener("message", ({ data }) => {
      const text = String(data);
      if (text.startsWith(UPDATE_PREFIX)) return handlers.onUpdate();
      const frame = JSON.parse(text) as ServerFrame;
      onFrame(frame);
      if (frame.type !== "snapshot") return;
      clearTimeout(timer);
      resolve(socket);
    });
    webSocket.addEventListener("error", () => reject(new Error(`${url} could not be opened`)));
    webSocket.addEventListener("close", () => {
      clearTimeout(timer);
      if (!closing) handlers.onClosed();
      reject(new Error(`${url} was closed at once`));
    });
  });
}

/** As long as the UUIDs that clients use for keys. */
export const bidKey = (made: number): string =>
  `00000000-0000-4000-8000-${made.toString(16).padStart(12, "0")}`;
