import type { SocketAttachment } from "./socket-watcher.ts";

/**
 * What the Worker tells a gateway about a live connection: it has verified the token, so the gateway trusts these
 * headers; they travel on a request that the Worker builds itself, never on the client's.
 */
export interface LiveRequest {
  transport: "socket" | "events";
  ip: string;
  mayBid: boolean;
  /** The last version that the client knows. */
  since?: number;
  bidder?: string;
  expiresAtMs?: number;
}

const HEADER = "x-lastcall-live";

export function liveHeaders(live: LiveRequest): Record<string, string> {
  return { [HEADER]: JSON.stringify(live) };
}

export function readLiveRequest(request: Request): LiveRequest {
  return JSON.parse(request.headers.get(HEADER) ?? "") as LiveRequest;
}

export function attachmentFor(live: LiveRequest): SocketAttachment {
  const attachment: SocketAttachment = { mayBid: live.mayBid, ip: live.ip, sent: 0 };
  if (live.bidder !== undefined) attachment.bidder = live.bidder;
  if (live.expiresAtMs !== undefined) attachment.expiresAtMs = live.expiresAtMs;
  return attachment;
}
