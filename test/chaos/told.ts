/**
 * What the clients of a run write down: a line of JSON for each command that they have finished with, and one for each
 * frame of a feed. The load writes it, the checker reads it; that is all they share.
 */

export type CommandKind = "bid" | "create" | "manage";

/** Over which door an outcome came: the command's own, or a later question. */
export type Door = "socket" | "http" | "get";

export interface ToldAnswer {
  readonly door: Door;
  readonly gotMs: number;
  readonly outcome: string;
  readonly reason?: string;
  readonly seq: number;
  readonly index: number;
  readonly at: number;
  /** Absent where the door does not say. */
  readonly version?: number;
  readonly price?: number | null;
}

/** Why a command was not taken, and the client has left it at that. */
export interface ToldRefusal {
  readonly gotMs: number;
  readonly reason: string;
}

export interface ToldCommand {
  readonly kind: CommandKind;
  readonly actorId: string;
  readonly key: string;
  readonly firstSentMs: number;
  /** One for each attempt: the connection, and the command's place among all that was sent on it. */
  readonly sends: (readonly [connection: string, place: number])[];
  /** Sequences of 202 replies: the stream has it. */
  readonly acks: number[];
  readonly answers: ToldAnswer[];
  /** Of a creation: it was confirmed by showing the auction, which does not say where in the log. */
  created?: true;
  refusal?: ToldRefusal;
}

/** What a watcher's connection gave it, in order. */
export interface WatchedFrame {
  readonly connection: string;
  /** The version that the watcher asked to resume from; with the first frame of a connection only. */
  readonly since?: number;
  readonly gotMs: number;
  readonly frame: FeedFrame;
}

export interface FeedFrame {
  readonly type: "snapshot" | "update";
  readonly from?: number;
  readonly version: number;
  readonly auction?: Readonly<Record<string, unknown>>;
  readonly events?: readonly Readonly<Record<string, unknown>>[];
  readonly [field: string]: unknown;
}

/** With what a watcher left: the version that it had been told, and the one that the auction had by then. */
export interface WatchEnd {
  readonly reached: number;
  readonly wanted: number;
}

export type FeedLine = { readonly watched: WatchedFrame } | { readonly end: WatchEnd };

export const toldFile = (auctionId: string): string => `${auctionId}.told.ndjson`;
export const feedFile = (auctionId: string): string => `${auctionId}.feed.ndjson`;
