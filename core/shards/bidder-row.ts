import type { Bidder, Waiting } from "../auction/bidder.ts";
import type { bidders } from "./schema.ts";

/** A bidder as the rules know it, from its row. */
export function bidderOfRow(row: Omit<typeof bidders.$inferSelect, "auctionId" | "slot">): Bidder {
  const { bidderId, blocked, maxAmount, units, waiting } = row;
  return {
    id: bidderId,
    blocked,
    standing:
      maxAmount === null
        ? null
        : {
            maxMinor: maxAmount,
            floorMinor: row.floorAmount,
            order: row.reachedVersion,
            atMs: row.reachedAt,
          },
    units,
    waiting: readWaiting(waiting),
    bidAtMs: row.bidAt,
  };
}

/** Places on a waitlist as one text, the first to be served first: `<place>x<quantity>`, joined by commas; empty without any. */
export const writeWaiting = (waiting: readonly Waiting[]): string =>
  waiting.map(({ place, quantity }) => `${place}x${quantity}`).join();

function readWaiting(text: string): Waiting[] {
  if (text === "") return [];
  return text.split(",").map((entry) => {
    const [place, quantity] = entry.split("x");
    return { place: Number(place), quantity: Number(quantity) };
  });
}
