/** An operating error: the machine's doing, not the bidder's. `retryable` says whether trying again can help. */
export class CoreError extends Error {
  override readonly name: string = "CoreError";
  readonly retryable: boolean;

  constructor(message: string, options: { retryable: boolean; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.retryable = options.retryable;
  }
}
