import type { AuctionLive } from "../../shared/auctions.ts";
import type { ServerFrame } from "../../shared/frames.ts";
import type { Outcome } from "../../shared/outcomes.ts";
import type { PublicEvent } from "../../shared/results.ts";
import type { Feed } from "./feed.ts";

type Frame<T extends ServerFrame["type"]> = Extract<ServerFrame, { type: T }>;

export function snapshotFrame(feed: Feed, now: number): string {
  const auction = feed.view();
  if (auction === undefined) throw new Error("a snapshot before the auction was loaded");
  return JSON.stringify({
    type: "snapshot",
    version: auction.version,
    now,
    auction,
  } satisfies Frame<"snapshot">);
}

export function updateFrame(
  live: AuctionLive,
  range: { from: number; now: number; events: PublicEvent[] | undefined },
): string {
  const frame: Frame<"update"> = { type: "update", from: range.from, ...live, now: range.now };
  if (range.events !== undefined) frame.events = range.events;
  return JSON.stringify(frame);
}

/** Without `actorId` and `kind`: whoever reads it asked for it. */
export function outcomeFrame(outcome: Outcome): string {
  const { actorId: _actor, kind: _kind, ...rest } = outcome;
  return JSON.stringify({ type: "outcome", ...rest } satisfies Frame<"outcome">);
}

export function errorFrame(error: Omit<Frame<"error">, "type">): string {
  return JSON.stringify({ type: "error", ...error } satisfies Frame<"error">);
}

export function pongFrame(t: number, now: number): string {
  return `{"type":"pong","t":${t},"now":${now}}`;
}
