import { admitReader, parse } from "../admission/gates.ts";
import type { AppContext } from "../app-types.ts";
import { pageSchema } from "./page.ts";
import { json } from "./replies.ts";

/** `GET /v1/me/bids?cursor&limit`: the auctions that the bidder has bid on, with what only the bidder may see. */
export function listOwnBids(c: AppContext): Promise<Response> {
  return listOwn(c, "ownBids");
}

/** `GET /v1/me/orders?cursor&limit`: the bidder's orders over all auctions, newest first. */
export function listOwnOrders(c: AppContext): Promise<Response> {
  return listOwn(c, "ownOrders");
}

async function listOwn(c: AppContext, kind: "ownBids" | "ownOrders"): Promise<Response> {
  const { identity } = await admitReader(c, ["bidder"]);
  const bidderId = identity.userId;
  const page = parse(pageSchema, c.req.query());
  // Any link will do: the bidder spreads the callers over them.
  return json(
    await c
      .get("deps")
      .queries(bidderId)
      .ask(kind, { bidderId, ...page }),
  );
}
