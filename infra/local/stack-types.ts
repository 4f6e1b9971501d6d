import type { ManagedPart } from "./managed-part.ts";

/** How a stack is asked for. Everything but the data folder has a default that suits `npm start`. */
export interface StackOptions {
  /** Everything that the stack writes lies below this folder: databases, streams, logs, keys. */
  readonly data: string;
  /** `embedded` runs the servers as processes, `containers` in Docker; core and edge are processes in both. */
  readonly backend?: "embedded" | "containers";
  readonly cores?: number;
  readonly shards?: number;
  /** 0 picks a free port. */
  readonly edgePort?: number;
  /** Postgres, NATS and Redis only: for work on core and edge themselves. */
  readonly serversOnly?: boolean;
  /** Overrides the edge's rate-limit policies; `null` keeps them as they are. */
  readonly rateLimits?: Readonly<Record<string, unknown>> | null;
  readonly coreEnv?: Readonly<Record<string, string>>;
  readonly edgeEnv?: Readonly<Record<string, string>>;
  /** Lines added to nats-server's configuration. */
  readonly natsConfig?: string;
  /** nats-server's `sync_interval` instead of `always`: for tests that show what is lost with another. */
  readonly natsSyncInterval?: string;
  /** Nobody will want its data after a power cut: new databases are not synced, which takes a second or more. */
  readonly throwaway?: boolean;
  /** Changes to the settings of embedded shards: for tests that show what is lost with others. */
  readonly postgresSettings?: Readonly<Record<string, string>>;
  /** Where an embedded shard's data lies instead of below `data`: for tests that put one on a small disk. */
  readonly postgresFolder?: (shard: number) => string | undefined;
  /** Starts again what dies by itself. */
  readonly restart?: boolean;
  /** One line for each step of the start. */
  readonly report?: (text: string) => void;
  /** Called when a process ends that nobody stopped. */
  readonly onDeath?: (part: string, how: string) => void;
}

/** What `$LASTCALL_DATA/stack.json` holds. A pid is null where somebody else runs the process. */
export interface StackInfo {
  readonly edge: string | null;
  /** Where the first running core serves `/metrics`; `cores` has all of them. */
  readonly metrics: string | null;
  readonly nats: string;
  readonly redis: string;
  readonly upstash: { readonly url: string; readonly token: string };
  readonly shards: readonly string[];
  readonly cores: readonly {
    readonly instance: string;
    readonly pid: number | null;
    readonly metrics: string;
  }[];
  readonly pids: {
    readonly edge: number | null;
    readonly core: readonly (number | null)[];
    readonly nats: number | null;
    readonly redis: number | null;
    readonly postgres: readonly (number | null)[];
  };
}

export interface ServerPart extends ManagedPart {
  readonly url: string;
}

export interface CorePart extends ManagedPart {
  /** Known once it is ready; a restart changes both. */
  readonly instance: string;
  readonly metrics: string;
}

export interface Servers {
  readonly postgres: readonly ServerPart[];
  readonly nats: ServerPart;
  readonly redis: ServerPart;
}

export interface RunningStack extends Servers {
  readonly data: string;
  readonly info: StackInfo;
  readonly upstash: ServerPart & { readonly token: string };
  readonly core: readonly CorePart[];
  /** Undefined in a stack of servers only. */
  readonly edge: ServerPart | undefined;
  /** Starts one core more. */
  startCore(): Promise<CorePart>;
  /** Stops everything in the order that lets each part finish its work. Safe to call twice. */
  stop(): Promise<void>;
}

/** What every part's factory gets to know about the stack that it belongs to. */
export interface StackContext {
  readonly options: StackOptions;
  readonly data: string;
  readonly report: (text: string) => void;
  /** Called whenever a part has started or ended, so that stack.json stays true. */
  readonly changed: () => void;
  readonly signal: AbortSignal | undefined;
}
