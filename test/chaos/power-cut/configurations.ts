/** What a server does before it acknowledges. */
export interface Configuration {
  readonly name: string;
  readonly natsSyncInterval: string;
  readonly postgresSettings: Readonly<Record<string, string>>;
  /** Whether it keeps its promises through a cut; where it does not, the check must see losses in the log and in Postgres. */
  readonly durable: boolean;
}

/** The first is Lastcall's own; the others are negative controls. */
export const CONFIGURATIONS: readonly Configuration[] = [
  {
    name: "nats always · postgres as set",
    natsSyncInterval: "always",
    postgresSettings: {},
    durable: true,
  },
  {
    name: "nats 1s · synchronous_commit off",
    natsSyncInterval: "1s",
    postgresSettings: { synchronous_commit: "off" },
    durable: false,
  },
  {
    name: "nats 2m, its default · fsync off",
    natsSyncInterval: "2m",
    postgresSettings: { fsync: "off" },
    durable: false,
  },
];
