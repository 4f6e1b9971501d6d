import { createDispatcher, LANES, type Flight, type PendingCommand } from "../../edge/gateway/dispatcher.ts";
import { ACKED, NOT_QUEUED, UNKNOWN } from "../../edge/link/pipe-protocol.ts";
import {
  type BatchReply,
  createPublisher,
  type Outgoing,
  type Publisher,
} from "../../edge/link/publisher.ts";
import type { Outcome } from "../../shared/outcomes.ts";
import { outcomesIn, type Result } from "../../shared/results.ts";
import { slotOf } from "../../shared/slots.ts";
import { commandStream, commandSubject, streamOf } from "../../shared/subjects.ts";
import type { Broker } from "./broker.ts";
import { request } from "./network.ts";
import { createProcess, type Process } from "./process.ts";
import type { World } from "./world.ts";

/** Faces the bidders of one auction: the edge's own lanes and publisher, on a simulated object and link. */
export interface Gateway {
  readonly name: string;
  readonly process: Process;
  submit(bidder: number, command: PendingCommand): boolean;
  /** A result that its link has forwarded. */
  receive(result: Result): void;
  /** Its link died: what was on the way may or may not be in the stream. */
  loseLink(): void;
}

export interface GatewayDeps {
  readonly world: World;
  readonly broker: Broker;
  readonly auctionId: string;
  readonly slots: number;
  readonly streams: number;
  /** Unlike any other gateway's, before or after. */
  readonly incarnation: string;
  /** What the core would answer about a command now; null while it is undecided. */
  readonly outcomeOf: (auctionId: string, command: PendingCommand) => Outcome | null;
  /** Outcomes that were meant for this auction's clients, whoever submitted their commands. */
  readonly onOutcome: (outcome: Outcome) => void;
}

const SWEEP_MS = 100;
/** Until a gateway has another link. */
const RELINK_MS = 50;

export function createGateway(deps: GatewayDeps): Gateway {
  const { world, broker, auctionId, incarnation } = deps;
  const process = createProcess(world, incarnation);
  const slot = slotOf(auctionId, deps.slots);
  const subject = commandSubject(slot, auctionId);
  const stream = commandStream(streamOf(slot, deps.streams));
  let link: { publisher: Publisher; alive: boolean } = newLink();

  function newLink(): { publisher: Publisher; alive: boolean } {
    return { publisher: createLinkPublisher(world, broker, { process, stream }), alive: true };
  }

  const dispatcher = createDispatcher({
    origin: `gateway-${auctionId}`,
    incarnation,
    now: () => process.clock.now(),
    publish(id, payload) {
      const mine = link;
      mine.publisher.add({
        subject,
        id,
        payload,
        settled(fate, seq) {
          if (!mine.alive) return;
          if (fate === ACKED) dispatcher.acked(id, seq);
          else if (fate === NOT_QUEUED) dispatcher.notQueued(id);
          else dispatcher.unknown(id);
        },
      });
    },
    hurry() {},
    overdue: (flight) => askForOverdue(flight),
  });

  const askForOverdue = (flight: Flight): void => {
    world.after(world.random.between(1, 20), () =>
      process.deliver(() => {
        const outcomes = flight.commands.map((command) => deps.outcomeOf(auctionId, command));
        if (!outcomes.includes(null)) dispatcher.decided(flight.id, outcomes);
      }),
    );
  };

  const sweep = (): void => {
    if (!process.isAlive) return;
    dispatcher.sweep();
    world.after(SWEEP_MS, () => process.deliver(sweep));
  };
  sweep();

  return {
    name: `gateway-${auctionId}`,
    process,
    submit: (bidder, command) => dispatcher.submit(bidder % LANES, command),
    receive(result) {
      if (result.origin !== `gateway-${auctionId}`) return;
      const outcomes = outcomesIn(result);
      if (dispatcher.decided(result.envelopeId, outcomes)) return;
      for (const outcome of outcomes) if (outcome !== null) deps.onOutcome(outcome);
    },
    loseLink() {
      link.alive = false;
      world.after(RELINK_MS, () =>
        process.deliver(() => {
          link = newLink();
          dispatcher.pipeLost(true);
        }),
      );
    },
  };
}

/** What `edge/link/jetstream-port.ts` is to a real broker. */
function createLinkPublisher(
  world: World,
  broker: Broker,
  { process, stream }: { process: Process; stream: string },
): Publisher {
  const store = ({ subject, id, payload }: Outgoing): number =>
    broker.append(stream, { subject, id, data: new TextEncoder().encode(payload) });
  const ask = <T>(work: () => T): Promise<T> => request(world, { from: process, to: broker.server }, work);
  return createPublisher({
    atomic: () => true,
    single: (message) =>
      ask(() => store(message)).then(
        (seq) => ({ fate: ACKED, seq }),
        () => ({ fate: UNKNOWN, seq: 0 }),
      ),
    batch: (messages) =>
      ask((): BatchReply => {
        const known = broker.streams.get(stream)?.known;
        if (messages.some(({ id }) => known?.has(id))) return { fate: "refused" };
        let seq = 0;
        for (const message of messages) seq = store(message);
        return { fate: "applied", seq };
      }).catch((): BatchReply => ({ fate: "unknown" })),
  });
}
