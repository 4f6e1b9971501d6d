import { ID_PATTERN } from "./ids.ts";

/** Streams of a new cluster: more streams sync in parallel, fewer make fuller batches. Fixed at creation. */
export const DEFAULT_STREAMS = 2;

/** Results are kept for gateways that lost their link for a moment; Postgres is their truth. */
export const RESULTS_STREAM = "RESULTS";

/** Order events for other systems, kept long enough for a receiver's outage of days; the outbox in Postgres is their truth. */
export const ORDERS_STREAM = "ORDERS";

/** Queue group of the cores that answer queries. */
export const QUERY_QUEUE = "core";

/** A hint, without content, that slots have changed hands: look at the shards again. */
export const SLOTS_CHANGED_SUBJECT = "slots.changed";

export const commandStream = (stream: number): string => `COMMANDS-${stream}`;

/**
 * Which stream carries a slot's commands: runs of four slots take turns. New clusters spread slots over shards by
 * `slot % shards`; by the same rule one shard's slots would all share one stream, and its fsync.
 */
export const streamOf = (slot: number, streams: number): number => (slot >> 2) % streams;

export const commandSubject = (slot: number, auctionId: string): string =>
  `commands.${slot}.${checkedToken(auctionId)}`;

export const commandsOfSlot = (slot: number): string => `commands.${slot}.*`;

export const resultSubject = (slot: number, auctionId: string): string =>
  `results.${slot}.${checkedToken(auctionId)}`;

export const orderSubject = (slot: number, auctionId: string): string =>
  `orders.${slot}.${checkedToken(auctionId)}`;

/** Requests from the edge to any core; the kinds are those of `queries.ts`. */
export const querySubject = (kind: string): string => `queries.${kind}`;

/** The auction id of a command's subject, or undefined when the subject is none of ours. */
export function auctionIdOfSubject(subject: string): string | undefined {
  const token = subject.slice(subject.lastIndexOf(".") + 1);
  return ID_PATTERN.test(token) ? token : undefined;
}

function checkedToken(id: string): string {
  if (!ID_PATTERN.test(id)) throw new TypeError("an id that may not stand in a subject");
  return id;
}
