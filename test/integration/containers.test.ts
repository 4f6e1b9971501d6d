import { expect, test } from "vitest";
import { dockerAnswers } from "../../infra/local/containers.ts";
import { createAuction, edgeOf, openLive, placeBid, request, tokenFor } from "../support/client.ts";
import { startTestStack } from "../support/stack.ts";

const docker = await dockerAnswers();
if (!docker) console.warn("SKIPPED: no Docker engine answers, so the journey over containers was not tried");

test.skipIf(!docker)(
  "a bid over servers in containers is accepted, and read back from every door (I1, I8)",
  async () => {
    const { stack, end } = await startTestStack({ backend: "containers" });
    let failed = true;
    try {
      const edge = edgeOf(stack);
      const auction = await createAuction(edge);
      const live = await openLive(edge, auction.id);
      const bid = await placeBid(edge, auction.id, {
        token: await tokenFor(edge, "alice", "bidder"),
        amount: 1_000,
      });
      expect(bid).toMatchObject({ status: 201, body: { outcome: "accepted", price: 1_000, leading: true } });

      const version = Number(bid.body.version);
      const read = await request(edge, `/v1/auctions/${auction.id}?minVersion=${version}`);
      expect(read).toMatchObject({ status: 200, body: { price: 1_000, bidCount: 1, version } });
      const found = await request(edge, `/v1/auctions/${auction.id}/bids/${String(bid.body.bidId)}`);
      expect(found).toMatchObject({ status: 200, body: { outcome: "accepted" } });
      await live.until(
        (frame) => (frame.type === "update" || frame.type === "snapshot") && frame.version === version,
      );
      await live.close();
      failed = false;
    } finally {
      await end({ failed });
    }
  },
);
