import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import {
  BEARER_PROTOCOL_PREFIX,
  type ClientFrame,
  LIVE_PROTOCOL,
  type ServerFrame,
} from "../../../shared/frames.ts";
import { type Edge, tokenFor } from "../../support/client.ts";
import type { ToldBid } from "../../support/verdict.ts";
import { eventually } from "../../support/eventually.ts";
import { type Latencies, latenciesOf } from "./latencies.ts";

/** While a bid asks Redis for tokens the next ones of its socket are held, and only 64 of them: fewer go at a time. */
const AT_A_TIME = 40;
const PAUSE_MS = 20;

export interface Refused {
  readonly auctionId: string;
  readonly bidderId: string;
  readonly key: string;
  readonly reason: string;
  readonly queued: boolean | undefined;
  readonly retryAfterMs: number | undefined;
}

/** Bidders who send all they have as fast as they can, and then only listen. */
export interface Crowd {
  readonly sent: number;
  readonly told: readonly ToldBid[];
  readonly refused: readonly Refused[];
  /** Of the decided bids: from leaving until the outcome. */
  latencies(): Latencies;
  /** Waits until each of their bids has been answered, one way or the other; false when time runs out first. */
  answered(withinMs: number): Promise<boolean>;
  close(): void;
}

export interface CrowdSize {
  readonly name: string;
  readonly bidders: number;
  readonly bidsEach: number;
}

export async function sendCrowd(edge: Edge, auctionId: string, size: CrowdSize): Promise<Crowd> {
  const told: ToldBid[] = [];
  const refused: Refused[] = [];
  const samplesMs: number[] = [];
  const sentAtMs = new Map<string, number>();

  /** Without the contract's schema, which is checked elsewhere and would take this process longer than the edge takes. */
  const hear = (bidderId: string, text: string): void => {
    if (!text.startsWith('{"type":"outcome"') && !text.startsWith('{"type":"error"')) return;
    const frame = JSON.parse(text) as Extract<ServerFrame, { type: "outcome" | "error" }>;
    if (frame.type === "error") {
      const { key = "", reason, queued, retryAfterMs } = frame;
      refused.push({ auctionId, bidderId, key, reason, queued, retryAfterMs });
      return;
    }
    told.push({ auctionId, bidderId, told: frame });
    samplesMs.push(performance.now() - (sentAtMs.get(`${bidderId} ${frame.key}`) ?? Number.NaN));
  };
  const names = Array.from({ length: size.bidders }, (_, i) => `${size.name}-${i}`);
  const members = await Promise.all(
    names.map(async (name) => ({ name, socket: await open(edge, { auctionId, name }, hear) })),
  );
  const send = (from: number, to: number): void => {
    for (const { name, socket } of members) {
      for (let i = from; i <= to; i++) {
        const key = `bid-${i}`;
        sentAtMs.set(`${name} ${key}`, performance.now());
        socket.send(JSON.stringify({ type: "bid", key, amount: 1_000 + i * 100 } satisfies ClientFrame));
      }
    }
  };
  for (let from = 1; from <= size.bidsEach; from += AT_A_TIME) {
    send(from, Math.min(size.bidsEach, from + AT_A_TIME - 1));
    await sleep(PAUSE_MS);
  }

  const sent = size.bidders * size.bidsEach;
  return {
    sent,
    told,
    refused,
    latencies: () => latenciesOf(samplesMs),
    answered: async (withinMs) =>
      (await eventually(
        () => told.length + refused.length,
        (answers) => answers >= sent,
        withinMs,
      )) === sent,
    close() {
      for (const { socket } of members) socket.close();
    },
  };
}

async function open(
  edge: Edge,
  { auctionId, name }: { auctionId: string; name: string },
  hear: (bidderId: string, text: string) => void,
): Promise<WebSocket> {
  const token = await tokenFor(edge, name, "bidder");
  const url = `${edge.url.replace(/^http/, "ws")}/v1/auctions/${auctionId}/live`;
  const socket = new WebSocket(url, [LIVE_PROTOCOL, `${BEARER_PROTOCOL_PREFIX}${token}`]);
  await new Promise<void>((resolve, reject) => {
    socket.on("error", reject);
    socket.on("message", (data: Buffer) => {
      resolve();
      hear(name, data.toString("utf8"));
    });
  });
  return socket;
}
