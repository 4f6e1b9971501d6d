import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type Edge, openLive, tokenFor } from "../../support/client.ts";
import type { ToldBid } from "../../support/verdict.ts";
import { type Latencies, latenciesOf } from "./latencies.ts";

/** Between a bidder's outcome and its next bid: a brisk person with a script. */
const PAUSE_MS = 25;

export interface SentBid {
  readonly sentMs: number;
  readonly answeredMs: number;
  readonly version: number;
}

/** Bidders who go on bidding whatever happens elsewhere: the healthy ones. */
export interface SteadyBidders {
  /** Every bid that has been answered so far, in order. */
  readonly sent: readonly SentBid[];
  readonly told: readonly ToldBid[];
  /** Lets them bid for so long, and says how long each of the bids sent meanwhile took. */
  measure(forMs: number): Promise<Latencies>;
  stop(): Promise<void>;
}

export async function startSteadyBidders(
  edge: Edge,
  auctionId: string,
  bidders = 6,
  name = "steady",
): Promise<SteadyBidders> {
  const sent: SentBid[] = [];
  const told: ToldBid[] = [];
  let amount = 1_000;
  let stopping = false;

  const bid = async (bidder: string): Promise<void> => {
    const live = await openLive(edge, auctionId, { token: await tokenFor(edge, bidder, "bidder") });
    while (!stopping) {
      const sentMs = performance.now();
      const frame = await live.bid((amount += 100), randomUUID());
      if (frame.type === "error") throw new Error(`a healthy bidder was refused: ${JSON.stringify(frame)}`);
      sent.push({ sentMs, answeredMs: performance.now(), version: frame.version });
      told.push({ auctionId, bidderId: bidder, told: frame });
      await sleep(PAUSE_MS);
    }
    await live.close();
  };
  const running = Promise.all(Array.from({ length: bidders }, (_, i) => bid(`${name}-${i}`)));
  // Told to whoever stops them; until then a refusal shall not end the process.
  running.catch(() => {});

  return {
    sent,
    told,
    async measure(forMs) {
      const fromMs = performance.now();
      await Promise.race([sleep(forMs), running]);
      const untilMs = performance.now();
      // Those on their way still count: they are the slow ones.
      await sleep(PAUSE_MS);
      const samples = sent.filter(({ sentMs }) => sentMs >= fromMs && sentMs < untilMs);
      return latenciesOf(samples.map(({ sentMs, answeredMs }) => answeredMs - sentMs));
    },
    async stop() {
      stopping = true;
      await running;
    },
  };
}
