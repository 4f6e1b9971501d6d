import type { PendingCommand } from "../../edge/gateway/dispatcher.ts";
import type { Outcome } from "../../shared/outcomes.ts";
import type { Gateway } from "./gateway.ts";
import { type AskedCommand, chooseCommand, createOf, type Lot } from "./workload.ts";
import type { World } from "./world.ts";

/** A command, each time it was sent, and everything that came back. */
export interface Asked {
  readonly auctionId: string;
  readonly actorId: string;
  readonly kind: "bid" | "create" | "manage";
  readonly key: string;
  readonly json: string;
  readonly answers: Outcome[];
  /** Where the stream has said that it stands. */
  readonly acknowledged: number[];
  /** By gateway, its place in the order of everything that was sent. */
  readonly sentTo: Map<string, number>;
  /** Nobody waits for it any more. */
  settled: boolean;
}

export interface Crowd {
  readonly asked: readonly Asked[];
  /** Gateways that have told somebody that a command failed: what is sent again there has lost its place. */
  readonly failedAt: ReadonlySet<string>;
  /** A gateway died: whoever waits there comes again, and sends everything anew that has no answer. */
  reconnect(auctionId: string): void;
  /** An outcome that came over the gateway's sockets. */
  told(outcome: Outcome, auctionId: string): void;
  /** From now on only what is unanswered is asked again. */
  calmDown(): void;
}

export interface CrowdDeps {
  readonly world: World;
  readonly lots: readonly Lot[];
  readonly bidders: number;
  readonly gatewayOf: (auctionId: string) => Gateway;
}

/** Before a command that failed is sent again. */
const RETRY_MS = { min: 100, max: 900 };

/** Patience for one answer; then the same is asked again. */
const PATIENCE_MS = { min: 4_000, max: 6_000 };

/** Bidders who ask and ask again, each command with one key until it has an outcome; now and then also after that. */
export function createCrowd(deps: CrowdDeps): Crowd {
  const { world, lots, gatewayOf } = deps;
  const { random } = world;
  const all: Asked[] = [];
  const byKey = new Map<string, Asked>();
  const failedAt = new Set<string>();
  let calm = false;
  let keys = 0;
  let sendings = 0;

  /** `json` differs from what was asked first only where a key is used again for something else. */
  const send = (asked: Asked, bidder: number, json: string = asked.json): void => {
    const gateway = gatewayOf(asked.auctionId);
    const { kind, actorId, key } = asked;
    if (!asked.sentTo.has(gateway.process.name)) asked.sentTo.set(gateway.process.name, ++sendings);
    const again = (): void => {
      failedAt.add(gateway.process.name);
      world.after(random.between(RETRY_MS.min, RETRY_MS.max), () => {
        if (!asked.settled) send(asked, bidder);
      });
    };
    const command: PendingCommand = {
      kind,
      actorId,
      key,
      json,
      target: {
        wantsAck: random.chance(0.3),
        decided: (outcome) => gateway.process.deliver(() => receive(asked, outcome)),
        queued: (seq) => void asked.acknowledged.push(seq),
        failed: again,
      },
    };
    if (!gateway.submit(bidder, command)) again();
    world.after(random.between(PATIENCE_MS.min, PATIENCE_MS.max), () => {
      if (!asked.settled && gatewayOf(asked.auctionId) === gateway) send(asked, bidder);
    });
  };

  const receive = (asked: Asked, outcome: Outcome): void => {
    asked.answers.push(outcome);
    asked.settled = true;
  };

  const ask = (lot: Lot, bidder: number, command: AskedCommand): void => {
    const actorId = actorOf(command);
    const { type: kind, key } = command;
    const asked: Asked = {
      auctionId: lot.auctionId,
      actorId,
      kind,
      key,
      json: JSON.stringify(command),
      answers: [],
      acknowledged: [],
      sentTo: new Map(),
      settled: false,
    };
    all.push(asked);
    byKey.set(`${kind} ${lot.auctionId} ${actorId} ${key}`, asked);
    send(asked, bidder);
  };

  const bidOn = (bidder: number): void => {
    if (calm) return;
    const bidderId = `bidder-${bidder}`;
    const open = all.filter((asked) => asked.actorId === bidderId && !asked.settled).length;
    if (open < MAX_OPEN) act(bidder, bidderId);
    world.after(random.between(20, 500), () => bidOn(bidder));
  };

  const act = (bidder: number, bidderId: string): void => {
    const done = all.filter((asked) => asked.actorId === bidderId && asked.settled && asked.kind === "bid");
    if (done.length > 0 && random.chance(0.12)) {
      const again = random.pick(done);
      const other = JSON.stringify({ type: "bid", bidderId, key: again.key, body: { amount: 999_999 } });
      return send(again, bidder, random.chance(0.2) ? other : undefined);
    }
    const lot = random.pick(lots);
    const command = chooseCommand(lot, { bidderId, key: `${bidderId}-${++keys}` }, random);
    ask(lot, bidder, command);
  };

  for (const lot of lots) {
    world.after(random.between(0, 1_500), () => ask(lot, deps.bidders, createOf(lot)));
  }
  for (let bidder = 0; bidder < deps.bidders; bidder++)
    world.after(random.between(100, 1_000), () => bidOn(bidder));

  return {
    asked: all,
    failedAt,
    reconnect(auctionId) {
      const lostBy = all.filter((asked) => asked.auctionId === auctionId && !asked.settled);
      world.after(random.between(50, 1_000), () => {
        for (const asked of lostBy) if (!asked.settled) send(asked, bidderOf(asked, deps.bidders));
      });
    },
    told(outcome, auctionId) {
      const asked = byKey.get(`${outcome.kind} ${auctionId} ${outcome.actorId} ${outcome.key}`);
      if (asked !== undefined) receive(asked, outcome);
    },
    calmDown() {
      calm = true;
    },
  };
}

function actorOf(command: AskedCommand): string {
  if (command.type === "bid") return command.bidderId;
  return command.type === "create" ? command.sellerId : command.actorId;
}

/** Commands of one bidder that may be without an answer at once. */
const MAX_OPEN = 4;

const bidderOf = ({ actorId }: Asked, others: number): number => {
  const number = Number(actorId.replace("bidder-", ""));
  return Number.isInteger(number) ? number : others;
};
