import { WIRE_VERSION } from "../../shared/wire-version.ts";
import {
  type NaiveAuction,
  type NaiveCommand,
  type NaiveDecision,
  naiveDecide,
  naiveLeader,
  naiveLeaderboard,
  naivePrice,
  naiveStatus,
  type NaiveTerms,
  newNaiveAuction,
} from "./naive-auction.ts";

/** A message of a COMMANDS stream, as any consumer can read it. */
export interface LoggedMessage {
  readonly seq: number;
  /** The stream's timestamp in milliseconds; fractions (JetStream counts nanoseconds) are cut off. */
  readonly timestampMs: number;
  readonly auctionId: string;
  readonly data: Uint8Array;
}

export interface ReplayedAuction {
  /** Null when no create was accepted. */
  readonly status: "scheduled" | "open" | "closed" | null;
  readonly version: number;
  readonly price: number | null;
  /** Who leads; once closed, who won. */
  readonly leader: string | null;
  /** The leader of a closed auction; null while it runs, and when nobody bid. */
  readonly winner: string | null;
  readonly bidCount: number;
  /** Each bidder's best, highest first, at most twenty. */
  readonly leaderboard: readonly {
    readonly bidderId: string;
    readonly amount: number;
    readonly at: number;
  }[];
  /** The first decision of each key, by `outcomeKey(kind, actorId, key)`: what every retry must be told, too. */
  readonly outcomes: ReadonlyMap<string, NaiveDecision>;
  /** Every command of every message, in the order of the log: what the view `decisions` must show. */
  readonly decisions: readonly NaiveDecision[];
  /** Sequences of messages that are no envelope at all: each is one refused command. */
  readonly unreadableSeqs: readonly number[];
}

export const outcomeKey = (kind: string, actorId: string, key: string): string => `${kind} ${actorId} ${key}`;

/**
 * What the log says must have happened, per auction: an independent replay (I2) for comparison with Postgres, the read
 * model and the feed. It knows JSON and the rules (`naive-auction.ts`) and imports nothing of `core/`.
 *
 * The clock is the stream's, made monotonic per auction: the `at` of a message is the larger of the previous message's
 * `at` (of the same auction) and its own timestamp in whole milliseconds. All commands of a message share it.
 *
 * Not replayed: a message that Postgres refused. The core parks it among the dead letters without a decision, so leave the
 * sequences of `dead_letters` with reason `refused_by_postgres` out of `messages`.
 *
 * `messages` may mix streams; within one auction they must come in the order of their stream. A stream that delivered a
 * message twice (it must not, within `duplicate_window`) would show as two messages here, as it would to the core.
 */
export function replayStream(messages: Iterable<LoggedMessage>): Map<string, ReplayedAuction> {
  const tapes = new Map<string, Tape>();
  for (const message of messages) {
    const tape = tapes.get(message.auctionId) ?? newTape();
    tapes.set(message.auctionId, tape);
    play(tape, message);
  }
  return new Map([...tapes].map(([auctionId, tape]) => [auctionId, replayed(tape)]));
}

interface Tape {
  readonly auction: NaiveAuction;
  readonly decisions: NaiveDecision[];
  readonly unreadableSeqs: number[];
  at: number;
  seq: number;
}

const newTape = (): Tape => ({
  auction: newNaiveAuction(),
  decisions: [],
  unreadableSeqs: [],
  at: 0,
  seq: 0,
});

function play(tape: Tape, { seq, timestampMs, auctionId, data }: LoggedMessage): void {
  if (seq <= tape.seq) throw new Error(`${auctionId}: message ${seq} came after ${tape.seq}`);
  tape.seq = seq;
  const commands = commandsOf(data);
  if (commands === undefined) tape.unreadableSeqs.push(seq);
  tape.at = Math.max(tape.at, Math.floor(timestampMs));
  (commands ?? [null]).forEach((command, index) => {
    tape.decisions.push(naiveDecide(tape.auction, readCommand(command), { seq, index, at: tape.at }));
  });
}

function replayed({ auction, decisions, unreadableSeqs }: Tape): ReplayedAuction {
  const status = naiveStatus(auction);
  const leader = naiveLeader(auction);
  const outcomes = new Map<string, NaiveDecision>();
  for (const decision of decisions) {
    if (decision.actorId === undefined || decision.key === undefined) continue;
    const name = outcomeKey(decision.kind, decision.actorId, decision.key);
    if (!outcomes.has(name)) outcomes.set(name, decision);
  }
  return {
    status,
    version: auction.happenings.length,
    price: naivePrice(auction),
    leader,
    winner: status === "closed" ? leader : null,
    bidCount: auction.bids.length,
    leaderboard: naiveLeaderboard(auction),
    outcomes,
    decisions,
    unreadableSeqs,
  };
}

type Fields = Record<string, unknown>;

const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The commands of an envelope, unread; undefined when the message is none. */
function commandsOf(data: Uint8Array): unknown[] | undefined {
  let envelope: unknown;
  try {
    envelope = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(data));
  } catch {
    return undefined;
  }
  if (!isObject(envelope) || !isId(envelope["id"]) || !isVersion(envelope["v"])) return undefined;
  const { origin, commands } = envelope;
  if (typeof origin !== "string" || !/^[!-~]{0,200}$/.test(origin)) return undefined;
  return Array.isArray(commands) && commands.length >= 1 && commands.length <= 256 ? commands : undefined;
}

/** Bids and ticks are checked field by field; a create is taken as the edge's schema let it through, if its parts are there. */
function readCommand(command: unknown): NaiveCommand {
  if (!isObject(command)) return null;
  switch (command["type"]) {
    case "tick":
      return Object.keys(command).length === 1 ? { type: "tick" } : null;
    case "bid":
      return readBid(command);
    case "create":
      return readCreate(command);
    default:
      return null;
  }
}

const isId = (value: unknown): value is string => typeof value === "string" && /^[\w-]{1,64}$/.test(value);
const isKey = (value: unknown): value is string => typeof value === "string" && /^[\w.:-]{1,64}$/.test(value);
const isAmount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 1;
const isVersion = (value: unknown): boolean =>
  Number.isInteger(value) && Number(value) >= 1 && Number(value) <= WIRE_VERSION;
const isTrace = (value: unknown): boolean =>
  value === undefined || (typeof value === "string" && value.length <= 64);

const onlyHas = (fields: Fields, names: readonly string[]): boolean =>
  Object.keys(fields).every((name) => names.includes(name));

function readBid(command: Fields): NaiveCommand {
  const { bidderId, key, body, trace } = command;
  if (!onlyHas(command, ["type", "bidderId", "key", "body", "trace"]) || !isTrace(trace)) return null;
  if (!isId(bidderId) || !isKey(key) || !isObject(body)) return null;
  if (!onlyHas(body, ["amount"]) || !isAmount(body["amount"])) return null;
  return { type: "bid", bidderId, key, body: { amount: body["amount"] } };
}

function readCreate(command: Fields): NaiveCommand {
  const { sellerId, key, body, trace } = command;
  if (
    !onlyHas(command, ["type", "sellerId", "key", "body", "rules", "aliasSalt", "trace"]) ||
    !isTrace(trace)
  )
    return null;
  if (!isId(sellerId) || !isKey(key) || typeof command["aliasSalt"] !== "string" || !isObject(body))
    return null;
  if (body["format"] !== "english" || !isAmount(body["startPrice"]) || !Number.isSafeInteger(body["endsAt"]))
    return null;
  return { type: "create", sellerId, key, body: body as unknown as NaiveTerms };
}
