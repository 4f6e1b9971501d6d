import type { Command } from "../../shared/commands.ts";
import type { Auction } from "./auction.ts";
import { decide, type Decision } from "./decide.ts";
import { publicPrice } from "./render.ts";
import type { CommandIdentity } from "./identity.ts";
import { isShown } from "./audit-link.ts";
import type { DecisionEntry, Position } from "./record.ts";
import { rejected } from "./rejection.ts";

/** A command of an envelope, read; undefined where it could not be. */
export interface ReadCommand {
  readonly command: Command | undefined;
  readonly identity: CommandIdentity | undefined;
}

/** The first decision that took a key. */
export interface FirstDecision {
  readonly entry: DecisionEntry;
  readonly position: Position;
  readonly index: number;
}

/** The keys that an auction has seen. `entries` is the envelope's own list, still growing: a key may recur within it. */
export interface KeyBook {
  first(identity: CommandIdentity): FirstDecision | undefined;
  take(identity: CommandIdentity, position: Position, entries: readonly DecisionEntry[]): void;
}

export interface EnvelopeDecision {
  readonly auction: Auction | null;
  readonly fromVersion: number;
  readonly toVersion: number;
  readonly entries: readonly DecisionEntry[];
  /** For each entry, the first decision of its key when it repeats one; mostly empty. */
  readonly repeats: ReadonlyMap<number, FirstDecision>;
  /** Commands on which `decide` threw: bugs, or a state that no log leads to. Mostly empty. */
  readonly faults: readonly DecisionFault[];
}

export interface DecisionFault {
  readonly index: number;
  readonly error: unknown;
}

export interface EnvelopeInput {
  readonly auctionId: string;
  readonly auction: Auction | null;
  readonly commands: readonly ReadCommand[];
  readonly position: Position;
  readonly keys: KeyBook;
  /** Places of commands whose bodies cannot be stored: they are refused like those that cannot be read. Mostly none. */
  readonly refused?: ReadonlySet<number> | undefined;
}

const NO_REPEATS: ReadonlyMap<number, FirstDecision> = new Map();
const NO_FAULTS: readonly DecisionFault[] = [];

/**
 * Decides the commands of one envelope in their order. Pure but for `keys`, which it tells of each key it takes. A command
 * that cannot be read, whose body cannot be stored or that makes `decide` throw is refused as `internal_error` and changes
 * nothing; the last is named in `faults`, so that whoever calls can park it and alarm.
 */
export function decideEnvelope(input: EnvelopeInput): EnvelopeDecision {
  const { auctionId, commands, position, keys, refused } = input;
  let auction = input.auction;
  let repeats: Map<number, FirstDecision> | undefined;
  let faults: DecisionFault[] | undefined;
  const entries: DecisionEntry[] = [];
  for (const { command, identity } of commands) {
    const isRefused = refused?.has(entries.length) === true;
    const first = identity === undefined ? undefined : keys.first(identity);
    if (command !== undefined && first !== undefined) {
      const entry = repeatedEntry(auction, command, first);
      // What was not stored the first time is not stored now.
      if (isRefused || first.entry.body === undefined) delete entry.body;
      if (entry.outcome === "duplicate") (repeats ??= new Map()).set(entries.length, first);
      entries.push(entry);
      continue;
    }
    let decision: Decision | undefined;
    try {
      if (command !== undefined && !isRefused) decision = decide(auctionId, auction, command, position.atMs);
    } catch (error) {
      (faults ??= []).push({ index: entries.length, error });
    }
    decision ??= undecided(auction);
    auction = decision.auction;
    const entry = decidedEntry(auction, command, identity, decision);
    if (isRefused) delete entry.body;
    entries.push(entry);
    if (identity !== undefined) keys.take(identity, position, entries);
  }
  return {
    auction,
    fromVersion: input.auction?.version ?? 0,
    toVersion: auction?.version ?? 0,
    entries,
    repeats: repeats ?? NO_REPEATS,
    faults: faults ?? NO_FAULTS,
  };
}

const undecided = (auction: Auction | null): Decision => ({
  events: [],
  auction,
  rejection: rejected("internal_error"),
});

function decidedEntry(
  auction: Auction | null,
  command: Command | undefined,
  identity: CommandIdentity | undefined,
  decision: Decision,
): DecisionEntry {
  const entry = newEntry(auction, command);
  if (command?.type === "bid" && identity !== undefined) entry.bidId = identity.id;
  const { events, rejection, detail = rejection?.detail } = decision;
  if (rejection !== undefined) {
    entry.outcome = "rejected";
    entry.reason = rejection.reason;
    if (rejection.minimumBid !== undefined) entry.minimumBid = rejection.minimumBid;
  } else if (command?.type === "tick") {
    entry.outcome = "applied";
  }
  if (events.length > 0) entry.events = events;
  if (detail !== undefined) entry.detail = detail;
  return entry;
}

/** A key that is taken: the same body gets the first outcome again, another one is refused and changes nothing. */
function repeatedEntry(auction: Auction | null, command: Command, first: FirstDecision): DecisionEntry {
  const entry = newEntry(auction, command);
  if (first.entry.bidId !== undefined) entry.bidId = first.entry.bidId;
  if (command.type !== "tick" && isBodyOf(first, command)) {
    entry.outcome = "duplicate";
    entry.of = [first.position.seq, first.index];
  } else {
    entry.outcome = "rejected";
    entry.reason = "idempotency_key_reused";
  }
  return entry;
}

/** Of a body that could not be stored nothing is known: whatever comes with its key counts as the same. */
function isBodyOf({ entry: { body } }: FirstDecision, command: Exclude<Command, { type: "tick" }>): boolean {
  return body === undefined || JSON.stringify(command.body) === JSON.stringify(body);
}

function newEntry(auction: Auction | null, command: Command | undefined): DecisionEntry {
  const version = auction?.version ?? 0;
  const price = auction === null ? null : publicPrice(auction);
  if (command === undefined) return { kind: "unreadable", outcome: "rejected", version, price };
  if (command.type === "tick") return { kind: "tick", outcome: "applied", version, price };
  const actorId = actorOf(command);
  const { type: kind, key, body } = command;
  const entry: DecisionEntry = { kind, actorId, key, body, outcome: "accepted", version, price };
  if (command.type === "manage" && isShown(auction)) entry.role = command.role;
  return entry;
}

function actorOf(command: Exclude<Command, { type: "tick" }>): string {
  switch (command.type) {
    case "bid":
      return command.bidderId;
    case "create":
      return command.sellerId;
    case "manage":
      return command.actorId;
  }
}
