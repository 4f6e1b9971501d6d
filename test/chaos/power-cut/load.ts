import { setTimeout as sleep } from "node:timers/promises";
import { jetstream, type JetStreamClient } from "@nats-io/jetstream";
import { connect } from "nats";
import { type Command, RULES_VERSION } from "../../../shared/commands.ts";
import { auctionIdFor } from "../../../shared/ids.ts";
import { type Result, outcomesIn, resultSchema } from "../../../shared/results.ts";
import { slotOf } from "../../../shared/slots.ts";
import { commandSubject } from "../../../shared/subjects.ts";
import { WIRE_VERSION } from "../../../shared/wire-version.ts";
import { englishTerms } from "../../support/client.ts";

const SLOTS = 64;

/** Lanes as a gateway has them: one envelope in flight each, on an auction of its own. */
const LANES = 12;
const BIDS_PER_ENVELOPE = 5;

/** Between two envelopes of a lane. Where the log syncs nothing, a lane without it would only pile up work for the core. */
const PAUSE_MS = 4;

/** An envelope that the stream has acknowledged: what the edge answers with 202, or `queued`. */
export interface Queued {
  readonly auctionId: string;
  readonly envelopeId: string;
  readonly seq: number;
  readonly keys: readonly string[];
}

/** An accepted bid's outcome as it was published: what the edge answers with 201. */
export interface Accepted {
  readonly auctionId: string;
  readonly key: string;
  readonly seq: number;
  readonly index: number;
  readonly version: number;
}

/** What clients were promised. */
export interface Promises {
  readonly queued: readonly Queued[];
  readonly accepted: readonly Accepted[];
}

export interface Load {
  /** What has been promised so far; grows while the load runs. */
  readonly promises: Promises;
  /** The promises are all there will be. Does not wait for servers that do not answer. */
  stop(): Promise<Promises>;
}

/**
 * Bids on auctions all over the slots, about as fast as the log acknowledges them; each is higher than the one before, so that each
 * is accepted. It speaks to the log as a link of the edge does, so that nothing stands between the promise and us.
 */
export async function startLoad(natsUrl: string): Promise<Load> {
  const nc = await connect({ servers: natsUrl, reconnect: false });
  const js = jetstream(nc);
  const queued: Queued[] = [];
  const accepted: Accepted[] = [];
  nc.subscribe("results.>", {
    callback: (_, message) => void accepted.push(...acceptedIn(resultSchema.parse(message.json()))),
  });
  let stopped = false;
  const lane = async (number: number): Promise<void> => {
    const auctionId = auctionIdFor("sam", `power-cut-${number}-${crypto.randomUUID()}`);
    for (let round = 0; !stopped; round++) {
      const commands = round === 0 ? [createCommand(auctionId)] : bids(round);
      const done = await append(js, auctionId, commands).catch(() => undefined);
      if (done === undefined) return; // The power is gone.
      queued.push(done);
      await sleep(PAUSE_MS);
    }
  };
  const lanes = Array.from({ length: LANES }, (_, number) => lane(number));
  return {
    promises: { queued, accepted },
    async stop() {
      stopped = true;
      await nc.close();
      await Promise.all(lanes);
      return { queued, accepted };
    },
  };
}

/** Appends one envelope; resolves when the stream has it. */
export async function append(
  js: JetStreamClient,
  auctionId: string,
  commands: readonly Command[],
): Promise<Queued> {
  const envelopeId = crypto.randomUUID();
  const payload = JSON.stringify({ v: WIRE_VERSION, id: envelopeId, origin: "power-cut", commands });
  const subject = commandSubject(slotOf(auctionId, SLOTS), auctionId);
  const { seq } = await js.publish(subject, payload, { msgID: envelopeId });
  const keys = commands.flatMap((command) => (command.type === "bid" ? [command.key] : []));
  return { auctionId, envelopeId, seq, keys };
}

/** Every bid is its own bidder's, so that none waits for another. */
function bids(round: number): Command[] {
  return Array.from({ length: BIDS_PER_ENVELOPE }, (_, place) => {
    const number = (round - 1) * BIDS_PER_ENVELOPE + place;
    return {
      type: "bid",
      bidderId: `b-${number}`,
      key: `k-${number}`,
      body: { amount: 1_000 + 100 * number },
    };
  });
}

function createCommand(key: string): Command {
  const aliasSalt = "salt-of-the-power-cut-1";
  return { type: "create", sellerId: "sam", key, rules: RULES_VERSION, aliasSalt, body: englishTerms() };
}

function acceptedIn(result: Result): Accepted[] {
  return outcomesIn(result).flatMap((outcome) => {
    if (outcome?.kind !== "bid" || outcome.outcome !== "accepted") return [];
    const { key, seq, index, version } = outcome;
    return [{ auctionId: result.auctionId, key, seq, index, version }];
  });
}
