import { orderIdSchema, type ManageBody } from "../../shared/manage.ts";
import { queries } from "../../shared/queries.ts";
import { admitReader, auctionIdParam, parse } from "../admission/gates.ts";
import type { Role } from "../admission/token.ts";
import type { AppContext } from "../app-types.ts";
import { ProblemError } from "../problem.ts";
import { orderBodySchema, reasonBodySchema } from "./manage-bodies.ts";
import { OPERATORS, postManagement, RUNNERS } from "./manage.ts";
import { pageSchema } from "./page.ts";
import { json } from "./replies.ts";

/** A buyer may give an order up, too. */
const RELEASERS: readonly Role[] = [...RUNNERS, "bidder"];

const listSchema = pageSchema.extend({ status: queries.orders.request.shape.status });

/** `GET /v1/auctions/:id/orders?status&cursor&limit`: for its seller and for operators, with the buyers' true ids. */
export async function listOrders(c: AppContext): Promise<Response> {
  const { identity, role } = await admitReader(c, RUNNERS);
  const auctionId = auctionIdParam(c);
  const page = parse(listSchema, c.req.query());
  const found = await c
    .get("deps")
    .queries(auctionId)
    .ask("orders", { auctionId, ...page });
  if (found === null) throw new ProblemError("auction_not_found");
  const { sellerId, ...orders } = found;
  if (role !== "operator" && sellerId !== identity.userId)
    throw new ProblemError("forbidden", { detail: "the auction is another seller's" });
  return json(orders);
}

/** `POST …/orders/:orderId/confirm`: it is paid. */
export function postConfirm(c: AppContext): Promise<Response> {
  return postOrder(c, { roles: RUNNERS, schema: orderBodySchema, action: "confirm" });
}

/** `POST …/orders/:orderId/release`: it is given up; its units are for sale again where the format says so. */
export function postRelease(c: AppContext): Promise<Response> {
  return postOrder(c, { roles: RELEASERS, schema: orderBodySchema, action: "release" });
}

/** `POST …/orders/:orderId/second-chance`: the runner-up gets what its buyer did not pay. */
export function postSecondChance(c: AppContext): Promise<Response> {
  return postOrder(c, { roles: RUNNERS, schema: orderBodySchema, action: "second_chance" });
}

/** `POST …/orders/:orderId/expire`: as if its time to pay had passed. */
export function postExpire(c: AppContext): Promise<Response> {
  return postManagement(c, {
    roles: OPERATORS,
    schema: reasonBodySchema,
    auctionId: () => auctionIdOfOrder(c),
    body: ({ reason }) => ({ action: "expire", orderId: orderIdParam(c), reason }),
  });
}

function postOrder(
  c: AppContext,
  {
    action,
    ...rules
  }: {
    roles: readonly Role[];
    schema: typeof orderBodySchema;
    action: "confirm" | "release" | "second_chance";
  },
): Promise<Response> {
  return postManagement(c, {
    ...rules,
    auctionId: () => auctionIdOfOrder(c),
    body: ({ reason }): ManageBody => ({
      action,
      orderId: orderIdParam(c),
      ...(reason === undefined ? {} : { reason }),
    }),
  });
}

/** An order's id names its auction, so its path may leave that out. */
function auctionIdOfOrder(c: AppContext): string {
  const orderId = orderIdParam(c);
  return c.req.param("id") === undefined ? orderId.slice(0, orderId.lastIndexOf("-")) : auctionIdParam(c);
}

function orderIdParam(c: AppContext): string {
  const parsed = orderIdSchema.safeParse(c.req.param("orderId"));
  if (!parsed.success) throw new ProblemError("order_not_found");
  return parsed.data;
}
