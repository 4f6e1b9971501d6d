/** What Postgres refuses of a message, and what is therefore not stored of it. */
export interface Refusal {
  /** Places of commands that are refused as `internal_error`, without their bodies. */
  readonly commands: ReadonlySet<number>;
  /** The envelope's own id and origin are not stored either. */
  readonly bare: boolean;
}
