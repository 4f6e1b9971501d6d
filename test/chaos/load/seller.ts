import { bidIdFor } from "../../../shared/ids.ts";
import type { BidderPlace } from "./bidder-place.ts";
import { ask, insist } from "./http-client.ts";
import { type LoadContext, sleep } from "./load-context.ts";
import { pursue } from "./pursuit.ts";

/** How often the room is looked after, least and most. */
const LOOK_EVERY_MS = [700, 2_000] as const;

/** Orders that are settled at one look. */
const SETTLED_AT_ONCE = 3;

/** Looks at which a room is called off or ended early, and at which an operator takes a bidder's bids away or blocks one. */
const CALLED_OFF_SHARE = 0.01;
const RETRACTION_SHARE = 0.05;

/** Cancels, ends, retracts, blocks, confirms and releases now and then, until the room is empty. */
export async function lookAfter(
  context: LoadContext,
  room: {
    readonly auctionId: string;
    readonly places: readonly BidderPlace[];
    readonly notebook: BidderPlace["notebook"];
    readonly sellsUnits: boolean;
    isEmpty(): boolean;
  },
): Promise<void> {
  const { job, random } = context;
  const { auctionId, notebook } = room;
  let made = 0;
  const manage = async (who: typeof job.seller, target: string, body: object): Promise<void> => {
    const key = `manage-${++made}`;
    const pursuit = pursue(context, notebook, { kind: "manage", actorId: who.id, key, body });
    const posting = { target, token: who.token, connection: `manager-${who.id}`, nextPlace: () => made };
    await insist(context, pursuit, posting);
  };
  while (!room.isEmpty() && !context.stopping) {
    await sleep(random.int(...LOOK_EVERY_MS));
    if (context.stopping || room.isEmpty()) return;
    const base = `/v1/auctions/${auctionId}`;
    if (random.chance(CALLED_OFF_SHARE))
      await manage(job.seller, `${base}/${random.pick(["cancel", "end"])}`, { reason: "a test" });
    const place = random.pick(room.places);
    if (random.chance(RETRACTION_SHARE)) {
      const bidId = bidIdFor(auctionId, place.bidderId, `${place.name}-1`);
      await manage(job.operator, `${base}/bids/${bidId}/retract`, { reason: "a test" });
    }
    if (random.chance(RETRACTION_SHARE)) {
      const action = random.pick(["block", "unblock"]);
      await manage(job.operator, `${base}/${action}`, { bidderId: place.bidderId, reason: "a test" });
    }
    if (!room.sellsUnits) continue;
    for (const orderId of await pendingOrders(context, auctionId)) {
      const action = random.pick(["confirm", "confirm", "release"]);
      await manage(job.seller, `/v1/orders/${orderId}/${action}`, {});
    }
  }
}

async function pendingOrders(context: LoadContext, auctionId: string): Promise<string[]> {
  const reply = await ask(
    context,
    `/v1/auctions/${auctionId}/orders?status=pending&limit=${SETTLED_AT_ONCE}`,
    {
      headers: { authorization: `Bearer ${context.job.seller.token}` },
    },
  );
  const orders = reply?.body["orders"];
  return Array.isArray(orders) ? orders.map(({ orderId }: { orderId: string }) => orderId) : [];
}
