import { auctionIdFor } from "../../../../shared/ids.ts";
import { orderIdOf } from "../../../../shared/orders.ts";
import { claim, create, dropTerms, manage, sam } from "../../../support/builders.ts";
import { type SequencerCluster, until } from "../../sequencer/cluster.ts";

/** What becomes of the orders of `soldTwice`: their events' ids, without the auction's. */
export const STORY = ["1.pending", "1.released", "2.pending", "2.confirmed"];

/** A drop of one unit: claimed, given up, taken from the waitlist and paid. */
export async function soldTwice(cluster: SequencerCluster, key: string): Promise<string> {
  const auctionId = auctionIdFor(sam, key);
  const endsAt = Date.now() + 600_000;
  await cluster.append(auctionId, [create(dropTerms({ units: 1, endsAt }), key)]);
  await cluster.append(auctionId, [claim("ada"), claim("bea", { waitlist: true })]);
  await cluster.append(auctionId, [
    manage("ada", "bidder", { action: "release", orderId: orderIdOf(auctionId, 1) }),
    manage(sam, "seller", { action: "confirm", orderId: orderIdOf(auctionId, 2) }),
  ]);
  await cluster.result(
    (result) => result.auctionId === auctionId && result.outcomes.length === 2 && result.seq > 0,
  );
  await until(async () => {
    const rows = await cluster.home(auctionId).sql`
      select 1 from orders where auction_id = ${auctionId} and status = 'confirmed'`;
    return rows.length === 1;
  });
  return auctionId;
}
