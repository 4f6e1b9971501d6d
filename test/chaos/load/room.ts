import { auctionIdFor } from "../../../shared/ids.ts";
import type { BidderPlace } from "./bidder-place.ts";
import { ask, insist } from "./http-client.ts";
import { bidOverHttp } from "./http-bidder.ts";
import { newKnowledge } from "./knowledge.ts";
import { type LoadContext, openNotebook, sleep } from "./load-context.ts";
import { LOTS } from "./lots.ts";
import { pursue, RETRY_EVERY_MS } from "./pursuit.ts";
import { lookAfter } from "./seller.ts";
import { bidOverSocket } from "./socket-bidder.ts";
import { watch } from "./watcher.ts";

/** Of this many bidders one bids over HTTP, the others over sockets. */
const HTTP_EVERY = 3;

/** One auction from its creation until nobody bids on it any more. */
export async function runRoom(context: LoadContext, number: number): Promise<void> {
  const { job, random, figures } = context;
  const lot = LOTS[number % LOTS.length] as (typeof LOTS)[number];
  const key = `room-${number}`;
  const auctionId = auctionIdFor(job.seller.id, key);
  const notebook = openNotebook(job.folder, auctionId);
  const terms = lot.terms(random, random.int(...job.lifeMs));
  const creation = pursue(context, notebook, { kind: "create", actorId: job.seller.id, key, body: terms });
  const posting = { target: "/v1/auctions", token: job.seller.token, connection: "seller" };
  await insist(context, creation, { ...posting, nextPlace: () => number });
  // A short auction whose creation met a fault may have ended before it began; that is an outcome like any other.
  const isRejected = creation.told.answers.some(({ outcome }) => outcome === "rejected");
  if (!isRejected && !context.stopping) {
    figures.auctions++;
    const knowledge = newKnowledge();
    const watcher = watch(context, { auctionId, notebook, knowledge });
    const room = { bids: 0 };
    const places = random
      .shuffle(job.bidders)
      .slice(0, job.biddersPerRoom)
      .map(({ id, token }, i): BidderPlace => {
        const name = `${i % HTTP_EVERY === 0 ? "http" : "socket"}-${i}`;
        return { auctionId, bidderId: id, token, lot, knowledge, notebook, room, name };
      });
    let isEmpty = false;
    const sellsUnits = terms.format === "drop" || terms.format === "dutch";
    const seller = lookAfter(context, { auctionId, places, notebook, sellsUnits, isEmpty: () => isEmpty });
    const bidders = places.map((place, i) =>
      i % HTTP_EVERY === 0 ? bidOverHttp(context, place) : bidOverSocket(context, place),
    );
    await Promise.all(bidders);
    isEmpty = true;
    await seller;
    await watcher.leaveAt(await versionOf(context, auctionId));
  }
  await notebook.close();
  figures.retired.push(auctionId);
}

/** What the auction has come to, by the core's own word. */
async function versionOf(context: LoadContext, auctionId: string): Promise<number> {
  while (Date.now() < context.giveUpAtMs) {
    const reply = await ask(context, `/v1/auctions/${auctionId}`, {});
    if (typeof reply?.body["version"] === "number") return reply.body["version"];
    await sleep(RETRY_EVERY_MS);
  }
  return 0;
}
