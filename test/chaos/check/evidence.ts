import type { LoggedMessage } from "../../support/replay.ts";
import type { FeedLine, ToldCommand } from "../told.ts";

/** A row of `decision_log`, as any SQL client reads it. */
export interface StoredEnvelope {
  readonly shard: number;
  readonly seq: number;
  readonly at: number;
  readonly fromVersion: number;
  readonly toVersion: number;
  readonly envelopeId: string;
  /** One JSON array a command; the view `decisions` names its places. */
  readonly record: string;
  readonly chain: string;
}

export interface StoredAuction {
  readonly shard: number;
  readonly status: string;
  readonly version: number;
  readonly price: number | null;
  readonly leaderId: string | null;
  readonly bidCount: number;
  readonly endsAt: number;
  readonly chain: string;
}

export interface StoredOrder {
  readonly number: number;
  readonly bidderId: string;
  readonly quantity: number;
  readonly unitPrice: number;
  readonly status: string;
}

/** Everything that is known of one auction from outside: the stream, the shards, and what clients were told. */
export interface Evidence {
  readonly auctionId: string;
  readonly messages: readonly LoggedMessage[];
  readonly envelopes: readonly StoredEnvelope[];
  readonly auctions: readonly StoredAuction[];
  readonly orders: readonly StoredOrder[];
  /** How far its slot has come; what the log has beyond that is not decided yet. */
  readonly appliedSeq: number;
  /** Sequences of its messages that are parked as refused by Postgres, and so have no decision. */
  readonly parkedSeqs: ReadonlySet<number>;
  readonly told: readonly ToldCommand[];
  readonly feed: readonly FeedLine[];
}

/** In which way something is wrong; any one of them fails the run. */
export const FAULT_WORDS = [
  /** Acknowledged or logged, and not decided or not stored. */
  "lost",
  /** Decided or stored twice, or told differently at another time (I1, I7, I9). */
  "doubled",
  /** Decided in another order or way than the log says (I2, I15). */
  "reordered",
  /** Accepted at or after the end, or refused as late before it (I6). */
  "late",
  /** An auction's row, its orders or its versions are not what the bids came to (I3, I4). */
  "unequal",
  /** More or fewer units sold than there were or were asked for (I5). */
  "oversold",
  /** A watcher was told something else, or not everything (I8). */
  "feed",
] as const;

export type FaultWord = (typeof FAULT_WORDS)[number];

export interface Finding {
  readonly word: FaultWord;
  readonly auctionId: string;
  /** Without amounts: findings are printed. */
  readonly what: string;
}

export type Find = (word: FaultWord, what: string) => void;

export interface Position {
  readonly seq: number;
  readonly index: number;
}

export const isBefore = (a: Position, b: Position): boolean =>
  a.seq < b.seq || (a.seq === b.seq && a.index < b.index);

export const placeText = ({ seq, index }: Position): string => `${seq}/${index}`;
