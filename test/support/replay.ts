import { WIRE_VERSION } from "../../shared/wire-version.ts";
import { naiveDecide } from "./naive/auction.ts";
import type { Terms } from "./naive/commands.ts";
import { nextDeadlineAt } from "./naive/deadlines.ts";
import { readCommand } from "./naive/read-command.ts";
import { isId, isObject } from "./naive/read-fields.ts";
import {
  type Happening,
  type NaiveAuction,
  type NaiveDecision,
  type NaiveOrder,
  newNaiveAuction,
} from "./naive/state.ts";
import {
  naiveBidCount,
  naiveLeader,
  naiveLeaderboard,
  naiveMinimum,
  naivePrice,
  naiveRemaining,
  naiveReserveMet,
  naiveStatus,
  naiveWaiting,
  naiveWinner,
} from "./naive/views.ts";

/** A message of a COMMANDS stream, as any consumer can read it. */
export interface LoggedMessage {
  readonly seq: number;
  /** The stream's timestamp in milliseconds; fractions (JetStream counts nanoseconds) are cut off. */
  readonly timestampMs: number;
  readonly auctionId: string;
  readonly data: Uint8Array;
}

export interface ReplayedOrder extends NaiveOrder {
  readonly orderId: string;
  /** Counted from 1 within the auction. */
  readonly number: number;
}

export interface ReplayedAuction {
  /** Null when no create was accepted. */
  readonly status: NaiveAuction["status"] | null;
  readonly terms: Terms | null;
  readonly version: number;
  readonly endsAt: number;
  /** What everybody sees; once there is a winner, what the winner pays. */
  readonly price: number | null;
  /** The least that a bid must offer now; null where none can. */
  readonly minimumBid: number | null;
  /** Who leads while it is open; once closed, who won. */
  readonly leader: string | null;
  /** Null while it runs, when nobody has won, and in formats with many buyers. */
  readonly winner: string | null;
  readonly bidCount: number;
  /** Each bidder's best, highest first, at most twenty. */
  readonly leaderboard: readonly {
    readonly bidderId: string;
    readonly amount: number;
    readonly at: number;
  }[];
  /** English with a reserve. */
  readonly reserveMet: boolean | undefined;
  /** Dutch and drop: units that nobody has. */
  readonly remaining: number | undefined;
  /** Drop: units that bidders wait for. */
  readonly waiting: number | undefined;
  readonly orders: readonly ReplayedOrder[];
  /** When the log's clock next changes it by itself. */
  readonly nextDeadlineAt: number | null;
  /** One for every version. */
  readonly happenings: readonly Happening[];
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
 * model and the feed. It knows JSON and the rules (`naive/`) and imports nothing of `core/`.
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
    const tape = tapes.get(message.auctionId) ?? newTape(message.auctionId);
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

const newTape = (auctionId: string): Tape => ({
  auction: newNaiveAuction(auctionId),
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
  const outcomes = new Map<string, NaiveDecision>();
  for (const decision of decisions) {
    if (decision.actorId === undefined || decision.key === undefined) continue;
    const name = outcomeKey(decision.kind, decision.actorId, decision.key);
    if (!outcomes.has(name)) outcomes.set(name, decision);
  }
  return {
    status: naiveStatus(auction),
    terms: auction.terms,
    version: auction.happenings.length,
    endsAt: auction.endsAt,
    price: naivePrice(auction),
    minimumBid: naiveMinimum(auction),
    leader: naiveLeader(auction),
    winner: naiveWinner(auction)?.bidderId ?? null,
    bidCount: naiveBidCount(auction),
    leaderboard: naiveLeaderboard(auction),
    reserveMet: naiveReserveMet(auction),
    remaining: naiveRemaining(auction),
    waiting: naiveWaiting(auction),
    orders: auction.orders.map((order, place) => ({
      ...order,
      number: place + 1,
      orderId: `${auction.id}-${place + 1}`,
    })),
    nextDeadlineAt: nextDeadlineAt(auction),
    happenings: auction.happenings,
    outcomes,
    decisions,
    unreadableSeqs,
  };
}

const isVersion = (value: unknown): boolean =>
  Number.isInteger(value) && Number(value) >= 1 && Number(value) <= WIRE_VERSION;

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
