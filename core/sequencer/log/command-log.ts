/** The commands streams, as the sequencer needs them. */
export interface CommandLog {
  bounds(stream: string): Promise<StreamBounds>;
  /** The message of that sequence; null when the stream has none (any more). */
  message(stream: string, seq: number): Promise<LoggedMessage | null>;
  /**
   * The first sequences above `afterSeq` that no reader gets, though the stream has given them to messages: whoever reads on
   * would miss them without notice. Whose they were nobody knows any more. Those that an operator has given up for the slot are no gap.
   */
  firstGap(stream: string, from: { slot: number; afterSeq: number }): Promise<LogGap | undefined>;
  /** The slot's messages above `afterSeq`, in order and without gaps, through any number of the server's restarts. */
  consume(stream: string, from: { slot: number; afterSeq: number; buffer: number }): Promise<CommandFeed>;
}

/** Sequences, both included. */
export interface LogGap {
  readonly fromSeq: number;
  readonly toSeq: number;
}

/** Which incarnation of a stream this is, and which sequences it has. Empty: `lastSeq` is below `firstSeq`. */
export interface StreamBounds {
  /** Empty when the stream was not made by Lastcall. */
  readonly streamId: string;
  readonly firstSeq: number;
  readonly lastSeq: number;
}

export interface LoggedMessage {
  readonly seq: number;
  /** The stream's clock in milliseconds: cut from its nanoseconds, never rounded. */
  readonly atMs: number;
  readonly subject: string;
  readonly data: Uint8Array;
}

export interface CommandFeed {
  readonly messages: AsyncIterable<LoggedMessage>;
  /** One each time the server has lost the reader and it has been set up again behind the last message: the log must be checked. */
  readonly recreations: AsyncIterable<void>;
  /** How many messages of the slot the server still has for this reader, and up to which sequence it has delivered any. */
  unread(): Promise<{ readonly unread: number; readonly deliveredSeq: number | undefined }>;
  stop(): void;
}
