import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "nats";
import { expect, test } from "vitest";
import { slotOf } from "../../shared/slots.ts";
import { commandStream, DEFAULT_STREAMS, streamOf } from "../../shared/subjects.ts";
import { type AuctionView } from "../../shared/auctions.ts";
import { createAuction, edgeOf, placeBid, tokenFor } from "../support/client.ts";
import { useStack } from "../support/stack.ts";

const SLOTS = 64;
const stack = useStack({ cores: 1, onDeath: () => {} });

test("a stream that was recreated halts the slots that had read it, and only those (I13)", async () => {
  const edge = edgeOf(stack());
  const token = await tokenFor(edge, "alice", "bidder");
  const onStream: AuctionView[][] = [[], []];
  while (onStream.some((auctions) => auctions.length < 2)) {
    const auction = await createAuction(edge);
    onStream[streamOf(slotOf(auction.id, SLOTS), DEFAULT_STREAMS)]?.push(auction);
  }
  for (const { id } of onStream.flat())
    expect((await placeBid(edge, id, { token, amount: 1_000 })).status).toBe(201);
  await stack().core[0]?.stop();

  const nc = await connect({ servers: stack().info.nats });
  const jsm = await jetstreamManager(nc);
  await jsm.streams.delete(commandStream(0));
  await nc.close();
  await stack().core[0]?.start();

  const bidOn = (auctions: readonly AuctionView[] | undefined, amount: number) =>
    placeBid(edge, auctions?.[0]?.id ?? "", { token, amount, prefer: "wait=3" });
  expect((await bidOn(onStream[1], 1_100)).status).toBe(201);
  expect((await bidOn(onStream[0], 1_100)).status).not.toBe(201);

  const ready = await fetch(`${stack().core[0]?.metrics}/readyz`);
  expect(ready.status).toBe(503);
  const { halted } = (await ready.json()) as { halted: Record<string, string> };
  const slot = slotOf(onStream[0]?.[0]?.id ?? "", SLOTS);
  expect(halted[slot]).toMatch(/COMMANDS-0/);
  expect(Object.keys(halted).every((one) => streamOf(Number(one), DEFAULT_STREAMS) === 0)).toBe(true);
});
