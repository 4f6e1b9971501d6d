export interface OpsCommand {
  /** One line for the list of commands. */
  readonly summary: string;
  readonly help: string;
  /** Throws when it could not do what was asked; the message is for the operator. */
  run(args: readonly string[]): Promise<void>;
}
