/** The commands streams, as the sequencer needs them. */
export interface CommandLog {
  bounds(stream: string): Promise<StreamBounds>;
  /** The message of that sequence; null when the stream has none (any more). */
  message(stream: string, seq: number): Promise<LoggedMessage | null>;
  /** The slot's messages above `afterSeq`, in order and without gaps, through any number of the server's restarts. */
  consume(stream: string, from: { slot: number; afterSeq: number; buffer: number }): Promise<CommandFeed>;
}

/** Which incarnation of a stream this is, and which sequences it has. Empty: `lastSeq` is 0, or below `firstSeq`. */
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
