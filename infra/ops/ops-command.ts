export interface OpsCommand {
  /** One line for the list of commands. */
  readonly summary: string;
  readonly help: string;
  /** The commands of a group, by the word that follows its name. */
  readonly commands?: Readonly<Record<string, OpsCommand>>;
  /** Throws when it could not do what was asked; the message is for the operator. */
  run(args: readonly string[]): Promise<void>;
}
