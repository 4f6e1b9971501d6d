import { seeded, type Random } from "./random.ts";

/** What can be done to a part of the stack; `faults.ts` does it. */
export const FAULT_KINDS = [
  "core-kill",
  "core-nap",
  "core-coma",
  "nats-kill",
  "nats-stop",
  "postgres-kill",
  "postgres-stop",
  "redis-kill",
  "redis-stop",
  "edge-kill",
  "edge-stop",
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

export interface PlannedFault {
  readonly kind: FaultKind;
  /** Of cores and Postgres servers: which one. */
  readonly number: number;
  /** From the kill to the new start, or from SIGSTOP to SIGCONT. */
  readonly downMs: number;
}

/** Faults that happen together: mostly one, sometimes two on different parts. */
export interface PlannedBlow {
  readonly faults: readonly PlannedFault[];
  /** From the moment everything runs again to the next blow. */
  readonly restMs: number;
}

export interface FaultPlanOptions {
  readonly seed: number;
  readonly cores: number;
  readonly shards: number;
  /** How long the stack is left alone between two blows, least and most; recovery has to fit into it to be measured. */
  readonly restMs: readonly [number, number];
  /** The share of blows that hit two parts. */
  readonly twice: number;
  readonly deck?: readonly FaultKind[];
}

/** A core's lease: a nap is shorter, so the core wakes as the owner; a coma is longer, so it wakes replaced. */
const LEASE_MS = 1_500;

/** Least and most, in milliseconds. A start after a kill takes its own time on top of it. */
const DOWN_MS: Record<FaultKind, readonly [number, number]> = {
  "core-kill": [200, 4_000],
  "core-nap": [200, LEASE_MS - 500],
  "core-coma": [LEASE_MS + 500, 6_000],
  "nats-kill": [0, 2_500],
  "nats-stop": [200, 4_000],
  "postgres-kill": [0, 2_500],
  "postgres-stop": [200, 4_000],
  "redis-kill": [200, 4_000],
  "redis-stop": [200, 4_000],
  "edge-kill": [0, 1_500],
  "edge-stop": [200, 3_000],
};

/** How often each kind lies in a shuffled deck: the parts that hold the truth twice. Every deck has every kind. */
const DECK: readonly FaultKind[] = [
  ...FAULT_KINDS,
  "core-kill",
  "core-coma",
  "nats-kill",
  "postgres-kill",
  "postgres-kill",
];

/** The blows of a seed, without end; the same for the same options, whatever the stack does meanwhile. */
export function* planFaults(options: FaultPlanOptions): Generator<PlannedBlow, never> {
  const random = seeded(options.seed, "faults");
  for (;;) {
    const deck = random.shuffle(options.deck ?? DECK);
    while (deck.length > 0) {
      const faults = [planFault(deck.pop() as FaultKind, options, random)];
      const other = deck.at(-1);
      if (random.chance(options.twice) && other !== undefined && partOf(other) !== partOf(kindOf(faults))) {
        deck.pop();
        faults.push(planFault(other, options, random));
      }
      yield { faults, restMs: random.int(...options.restMs) };
    }
  }
}

/** What two faults must not share, or one of them would undo the other. */
export const partOf = (kind: FaultKind): string => kind.slice(0, kind.indexOf("-"));

const kindOf = (faults: readonly PlannedFault[]): FaultKind => (faults[0] as PlannedFault).kind;

function planFault(kind: FaultKind, { cores, shards }: FaultPlanOptions, random: Random): PlannedFault {
  const count = partOf(kind) === "core" ? cores : partOf(kind) === "postgres" ? shards : 1;
  return { kind, number: random.int(0, count - 1), downMs: random.int(...DOWN_MS[kind]) };
}
