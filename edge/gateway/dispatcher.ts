import { MAX_COMMANDS_PER_ENVELOPE } from "../../shared/commands.ts";
import type { Outcome } from "../../shared/outcomes.ts";
import { WIRE_VERSION } from "../../shared/wire-version.ts";
import { createLaneQueues } from "./lane-queues.ts";

/**
 * Lanes of one gateway: envelopes that may be underway at once. One would leave the gateway waiting for each fsync; more
 * than two make the envelopes smaller, and every envelope costs the broker, the core and the link about the same.
 */
export const LANES = 2;
/** Commands queued or acknowledged and not decided yet; half a second of the fastest bidding measured. */
export const MAX_UNDECIDED = 10_000;
/** Retries of a publish end here, well inside the stream's duplicate window of 30 s. */
export const RETRY_FOR_MS = 10_000;
const RETRY_EVERY_MS = 300;
/** The link answers within its own timeout of 3 s; silence beyond that means that the answer was lost. */
const ACK_OVERDUE_MS = 5_000;
/** Decided in milliseconds when a core runs; after this the result may have been missed, so ask. */
const OUTCOME_OVERDUE_MS = 3_000;

export type PublishFailure = "not_queued" | "outcome_unknown";

/** Whoever waits for what becomes of a command. */
export interface OutcomeTarget {
  /** Waits for the ack, not for the outcome. */
  readonly wantsAck: boolean;
  decided(outcome: Outcome): void;
  queued(seq: number): void;
  failed(failure: PublishFailure, key: string): void;
}

export interface PendingCommand {
  readonly kind: "bid" | "create" | "manage";
  readonly actorId: string;
  readonly key: string;
  /** The command as JSON, ready for the envelope. */
  readonly json: string;
  readonly target: OutcomeTarget;
}

export interface Flight {
  readonly id: string;
  readonly lane: number;
  readonly commands: PendingCommand[];
  readonly payload: string;
  /** Its ack is waited for. */
  urgent: boolean;
  readonly firstSentAt: number;
  state: "sent" | "retrying" | "acked";
  /** An attempt's fate was unknown, so that no later refusal can prove that it is in no stream. */
  maybeStored: boolean;
  /** When the state calls for the next look. */
  dueAt: number;
}

export interface DispatcherDeps {
  origin: string;
  /** Unique to this incarnation of the gateway: envelope ids must never repeat. */
  incarnation: string;
  now(): number;
  /** `urgent`: somebody waits for the ack, be it the lane's next commands or a caller who prefers not to wait. */
  publish(envelopeId: string, payload: string, urgent: boolean): void;
  /** Commands have come to wait for the ack of an envelope that left without urgency. */
  hurry(): void;
  /** Acknowledged long ago and not decided: ask the core. */
  overdue(flight: Flight): void;
}

export interface Dispatcher {
  /** False when too many commands are undecided. */
  submit(lane: number, command: PendingCommand): boolean;
  acked(envelopeId: string, seq: number): void;
  notQueued(envelopeId: string): void;
  unknown(envelopeId: string): void;
  /** The pipe broke: nobody will say what became of the envelopes in it. One that never opened lost them for sure. */
  pipeLost(everOpen: boolean): void;
  /** Hands out the outcomes of an envelope that is underway, in its commands' order; false when it is none of this incarnation's. */
  decided(envelopeId: string, outcomes: readonly (Outcome | null)[]): boolean;
  withdraw(command: PendingCommand): boolean;
  sweep(): void;
  undecided(): number;
  /** Some envelope is being retried, so look often. */
  retrying(): boolean;
}

/** Commands leave in lanes, one envelope in flight per lane; what arrives meanwhile is the lane's next envelope. */
export function createDispatcher(deps: DispatcherDeps): Dispatcher {
  const flights = new Map<string, Flight>();
  const waiting = createLaneQueues<PendingCommand>(LANES);
  /** What each lane waits for. */
  const ahead: (Flight | undefined)[] = Array.from({ length: LANES }, () => undefined);
  let undecided = 0;
  let envelopes = 0;

  const depart = (lane: number): void => {
    const commands = waiting.take(lane, MAX_COMMANDS_PER_ENVELOPE);
    if (commands === undefined) {
      ahead[lane] = undefined;
      return;
    }
    const id = `${deps.incarnation}-${++envelopes}`;
    const payload = envelopeJson(id, deps.origin, commands);
    const now = deps.now();
    // Several at once are a busy lane's: its next ones are probably on their way already.
    const urgent = commands.length > 1 || commands[0]?.target.wantsAck === true;
    const flight: Flight = {
      id,
      lane,
      commands,
      payload,
      urgent,
      firstSentAt: now,
      state: "sent",
      maybeStored: false,
      dueAt: now + ACK_OVERDUE_MS,
    };
    flights.set(id, flight);
    ahead[lane] = flight;
    deps.publish(id, payload, urgent);
  };

  const land = (flight: Flight): void => {
    flights.delete(flight.id);
    undecided -= flight.commands.length;
    if (flight.state !== "acked") depart(flight.lane);
  };

  const fail = (flight: Flight, failure: PublishFailure): void => {
    land(flight);
    for (const command of flight.commands) command.target.failed(failure, command.key);
  };

  const retryLater = (flight: Flight): void => {
    flight.maybeStored = true;
    flight.state = "retrying";
    flight.dueAt = deps.now() + RETRY_EVERY_MS;
  };

  const look = (flight: Flight, now: number): void => {
    switch (flight.state) {
      case "acked":
        flight.dueAt = now + OUTCOME_OVERDUE_MS;
        return deps.overdue(flight);
      case "sent":
        return retryLater(flight);
      case "retrying":
        if (now - flight.firstSentAt > RETRY_FOR_MS) return fail(flight, "outcome_unknown");
        flight.state = "sent";
        flight.dueAt = now + ACK_OVERDUE_MS;
        return deps.publish(flight.id, flight.payload, true);
    }
  };

  return {
    submit(lane, command) {
      if (undecided >= MAX_UNDECIDED) return false;
      undecided++;
      waiting.push(lane, command);
      const before = ahead[lane];
      if (before === undefined) depart(lane);
      else if (!before.urgent) {
        before.urgent = true;
        deps.hurry();
      }
      return true;
    },
    acked(envelopeId, seq) {
      const flight = flights.get(envelopeId);
      if (flight === undefined || flight.state === "acked") return;
      flight.state = "acked";
      flight.dueAt = deps.now() + OUTCOME_OVERDUE_MS;
      for (const command of flight.commands) command.target.queued(seq);
      depart(flight.lane);
    },
    notQueued(envelopeId) {
      const flight = flights.get(envelopeId);
      if (flight === undefined || flight.state !== "sent") return;
      if (flight.maybeStored) retryLater(flight);
      else fail(flight, "not_queued");
    },
    unknown(envelopeId) {
      const flight = flights.get(envelopeId);
      if (flight?.state === "sent") retryLater(flight);
    },
    pipeLost(everOpen) {
      // A copy, because failing an envelope lets its lane's next one depart.
      for (const flight of Array.from(flights.values())) {
        if (flight.state !== "sent") continue;
        if (everOpen || flight.maybeStored) retryLater(flight);
        else fail(flight, "not_queued");
      }
    },
    decided(envelopeId, outcomes) {
      const flight = flights.get(envelopeId);
      if (flight === undefined) return false;
      land(flight);
      for (const [place, outcome] of outcomes.entries()) {
        if (outcome !== null) flight.commands[place]?.target.decided(outcome);
      }
      return true;
    },
    withdraw(command) {
      if (!waiting.remove(command)) return false;
      undecided--;
      return true;
    },
    sweep() {
      const now = deps.now();
      for (const flight of Array.from(flights.values())) if (now >= flight.dueAt) look(flight, now);
    },
    undecided: () => undecided,
    retrying: () => Array.from(flights.values()).some(({ state }) => state === "retrying"),
  };
}

function envelopeJson(id: string, origin: string, commands: PendingCommand[]): string {
  let text = `{"v":${WIRE_VERSION},"id":"${id}","origin":"${origin}","commands":[`;
  for (let i = 0; i < commands.length; i++)
    text += i === 0 ? (commands[i] as PendingCommand).json : `,${(commands[i] as PendingCommand).json}`;
  return `${text}]}`;
}
