import postgres from "postgres";
import { type Order, orderEventSchema, type OrderEvent } from "../../../shared/orders.ts";
import { slotOf } from "../../../shared/slots.ts";
import { ORDERS_STREAM, orderSubject } from "../../../shared/subjects.ts";
import type { StackAddress } from "../../support/stack.ts";
import { readStream } from "./read-stream.ts";
import { SLOTS } from "./truth.ts";

/** A row of `orders`, as far as the log decides it. */
export type StoredOrder = Pick<
  Order,
  "bidderId" | "quantity" | "unitPrice" | "source" | "status" | "createdAt"
> &
  Pick<Order, "expiresAt"> & { readonly number: number };

export interface StoredOrders {
  readonly orders: readonly StoredOrder[];
  /** Events of the auction that have not left yet. */
  readonly waiting: number;
}

/** An auction's orders on whichever shard has it, by number, and what is left in its outbox. */
export async function storedOrders({ info }: StackAddress, auctionId: string): Promise<StoredOrders> {
  const orders: StoredOrder[] = [];
  let waiting = 0;
  for (const url of info.shards) {
    const sql = postgres(url, { max: 1, types: { bigint: NUMBER } });
    try {
      orders.push(
        ...(await sql<StoredOrder[]>`
          select number, bidder_id as "bidderId", quantity, unit_price as "unitPrice", source, status,
            created_at as "createdAt", expires_at as "expiresAt"
          from orders where auction_id = ${auctionId} order by number`),
      );
      const [row] = await sql<{ count: number }[]>`
        select count(*) as count from outbox where auction_id = ${auctionId}`;
      waiting += row?.count ?? 0;
    } finally {
      await sql.end();
    }
  }
  return { orders, waiting };
}

/** What other systems have heard of an auction's orders, in the order in which they hear it. */
export async function orderEvents({ info }: StackAddress, auctionId: string): Promise<OrderEvent[]> {
  const subject = orderSubject(slotOf(auctionId, SLOTS), auctionId);
  const messages = await readStream(info.nats, ORDERS_STREAM, subject);
  return messages.map(({ data }) => orderEventSchema.parse(JSON.parse(new TextDecoder().decode(data))));
}

/** int8 as a number: every value of ours stays below 2^53. */
const NUMBER = { to: 20, from: [20], serialize: String, parse: Number };
