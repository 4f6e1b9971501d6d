import type { FeedFrame } from "../told.ts";

/** What a room's clients know of its auction: what its feed has told last. */
export interface Knowledge {
  version: number;
  status: string;
  price: number | null;
  minimumBid: number | null;
  bidCount: number;
  /** When the feed first said that it is over; null before. */
  overSinceMs: number | null;
}

export const newKnowledge = (): Knowledge => ({
  version: 0,
  status: "open",
  price: null,
  minimumBid: null,
  bidCount: 0,
  overSinceMs: null,
});

export function learn(knowledge: Knowledge, frame: FeedFrame): void {
  if (frame.version < knowledge.version) return;
  const live = frame.auction ?? frame;
  knowledge.version = frame.version;
  knowledge.status = String(live["status"]);
  knowledge.price = numberOrNull(live["price"]);
  knowledge.minimumBid = numberOrNull(live["minimumBid"]);
  knowledge.bidCount = Number(live["bidCount"]);
  const isOver = knowledge.status === "closed" || knowledge.status === "cancelled";
  if (isOver) knowledge.overSinceMs ??= Date.now();
}

const numberOrNull = (value: unknown): number | null => (typeof value === "number" ? value : null);
