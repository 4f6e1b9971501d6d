import { type BidderPlace, goesOn, newBid, thinkMs } from "./bidder-place.ts";
import { insist, type Posting } from "./http-client.ts";
import { type LoadContext, sleep } from "./load-context.ts";

/** Preferences of the replies: an outcome, the 202 that says where to ask, and a wait that may run out. */
const PREFERENCES = [undefined, undefined, "respond-async", "wait=1"] as const;

/** One bid after the other over HTTP, each until its outcome is known. */
export async function bidOverHttp(context: LoadContext, place: BidderPlace): Promise<void> {
  let places = 0;
  const posting = (): Posting => {
    const prefer = context.random.pick(PREFERENCES);
    return {
      target: `/v1/auctions/${place.auctionId}/bids`,
      token: place.token,
      connection: place.name,
      nextPlace: () => ++places,
      ...(prefer === undefined ? {} : { prefer }),
    };
  };
  for (let made = 1; goesOn(context, place); made++) {
    await insist(context, newBid(context, place, made), posting());
    await sleep(thinkMs(context));
  }
}
