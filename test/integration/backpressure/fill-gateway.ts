import { expect } from "vitest";
import { type Edge, placeBid, type Reply } from "../../support/client.ts";
import type { ToldBid } from "../../support/verdict.ts";
import { type Crowd, type Refused, sendCrowd } from "./crowd.ts";

/** Where nothing is decided two crowds are more than a gateway takes (10,000); on a busy machine some are refused earlier. */
const CROWD = { bidders: 6, bidsEach: 1_200 };
const MAX_CROWDS = 8;

export interface FullGateway {
  /** What a bid over HTTP is told now. */
  readonly refusal: Reply;
  readonly sent: number;
  told(): ToldBid[];
  refused(): Refused[];
  answered(withinMs: number): Promise<boolean>;
  close(): void;
}

/** Sends bids on an auction that nobody decides until its gateway takes no more. */
export async function fillGateway(edge: Edge, auctionId: string, token: string): Promise<FullGateway> {
  const crowds: Crowd[] = [];
  let refusal: Reply | undefined;
  for (let round = 0; round < MAX_CROWDS && refusal?.status !== 503; round++) {
    crowds.push(await sendCrowd(edge, auctionId, { ...CROWD, name: `crowd-${round}` }));
    refusal = await placeBid(edge, auctionId, { token, amount: 900_000, prefer: "respond-async" });
  }
  if (refusal === undefined) throw new Error("no crowd was sent");
  return {
    refusal,
    sent: crowds.reduce((sum, { sent }) => sum + sent, 0),
    told: () => crowds.flatMap(({ told }) => told),
    refused: () => crowds.flatMap(({ refused }) => refused),
    answered: async (withinMs) =>
      (await Promise.all(crowds.map((crowd) => crowd.answered(withinMs)))).every((all) => all),
    close() {
      for (const crowd of crowds) crowd.close();
    },
  };
}

/** Safe to forget, and when to come back. */
export function expectHonestRefusals(reply: Reply, frames: readonly Refused[]): void {
  expect(reply).toMatchObject({ status: 503, body: { reason: "not_queued", queued: false } });
  expect(Number(reply.headers.get("retry-after"))).toBeGreaterThan(0);
  for (const frame of frames)
    expect(frame).toMatchObject({ reason: "not_queued", queued: false, retryAfterMs: expect.any(Number) });
}
