import type { ReplayedAuction } from "../../support/replay.ts";
import type { Evidence, Find, StoredOrder } from "./evidence.ts";

/** The auction's row and its orders are what its bids came to (I3, I4), and units are sold exactly (I5). */
export function checkResult(evidence: Evidence, replay: ReplayedAuction, find: Find): void {
  const [row, other] = evidence.auctions;
  if (other !== undefined) find("doubled", "the auction has rows on two shards");
  if (replay.status === null) {
    if (row !== undefined) find("unequal", "there is an auction that the log has not created");
    return;
  }
  if (row === undefined) return find("lost", "the auction is in the log and has no row");
  const should = {
    status: replay.status,
    version: replay.version,
    endsAt: replay.endsAt,
    price: replay.price,
    leaderId: replay.leader,
    bidCount: replay.bidCount,
  };
  for (const [field, value] of Object.entries(should))
    if (row[field as keyof typeof should] !== value)
      find("unequal", `the auction's ${field} is not the log's`);
  const head = evidence.envelopes.toSorted((a, b) => a.seq - b.seq).at(-1)?.chain;
  if (row.chain !== head) find("unequal", "the auction's row has another chain head than its decisions");
  checkOrders(evidence.orders, replay, find);
  checkUnits(evidence.orders, replay, find);
}

function checkOrders(orders: readonly StoredOrder[], replay: ReplayedAuction, find: Find): void {
  if (orders.length !== replay.orders.length)
    find("unequal", `there are ${orders.length} orders, by the log ${replay.orders.length}`);
  for (const should of replay.orders) {
    const is = orders.find(({ number }) => number === should.number);
    const isSame =
      is?.bidderId === should.bidderId &&
      is.quantity === should.quantity &&
      is.unitPrice === should.unitPrice &&
      is.status === should.status;
    if (is !== undefined && !isSame) find("unequal", `order ${should.number} is not the log's`);
  }
}

/** From the stored orders alone, without the model of the rules: no unit too many, none to spare while somebody waits. */
function checkUnits(orders: readonly StoredOrder[], { terms, ...replay }: ReplayedAuction, find: Find): void {
  if (terms?.format !== "drop" && terms?.format !== "dutch") return;
  const units = terms.units ?? 1;
  const live = orders.filter(({ status }) => status === "pending" || status === "confirmed");
  const sold = live.reduce((sum, { quantity }) => sum + quantity, 0);
  if (sold > units) find("oversold", `${sold} of ${units} units are sold`);
  if (terms.format !== "drop") return;
  const limit = terms.perBidder ?? 1;
  for (const [, own] of Map.groupBy(live, ({ bidderId }) => bidderId)) {
    const taken = own.reduce((sum, { quantity }) => sum + quantity, 0);
    if (taken > limit) find("oversold", `a bidder has ${taken} units of ${limit}`);
  }
  if ((replay.waiting ?? 0) > 0 && sold < units && replay.status !== "cancelled")
    find("oversold", `${units - sold} units are left while bidders wait`);
  if (terms.holdMs !== undefined || replay.happenings.some(({ type }) => type === "orders_settled")) return;
  // Nothing came back, so whoever was told that all is gone was told so for good.
  const soldOut = replay.decisions.some(({ reason }) => reason === "sold_out");
  if (soldOut && sold !== units)
    find("oversold", `sold out was said, and ${sold} of ${units} units are sold`);
}
