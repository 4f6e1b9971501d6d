import type { RejectionReason } from "../../shared/outcomes.ts";
import type { Role } from "../admission/token.ts";
import {
  coreProblems,
  edgeSays,
  logSays,
  WRITE_HEADERS,
  writeProblems,
  type Answer,
  type Operation,
} from "./operation.ts";

const ANSWERS: readonly Answer[] = [
  { status: 200, about: "It is done and committed.", schema: "CommandOutcome", headers: WRITE_HEADERS },
  {
    status: 202,
    about: "The log has the command; the same call with the same key tells its outcome.",
    schema: "PendingCommand",
    headers: WRITE_HEADERS,
  },
];

type Command = Pick<Operation, "id" | "path" | "tag" | "summary" | "about" | "roles" | "body"> & {
  refusals: readonly RejectionReason[];
};

/** What all commands that are no bids have in common. */
function command({ refusals, ...operation }: Command): Operation {
  return {
    ...operation,
    method: "post",
    parameters: ["OptionalIdempotencyKey", "Prefer"],
    answers: ANSWERS,
    problems: [...edgeSays("auction_not_found"), ...logSays(...refusals), ...writeProblems],
  };
}

const reasoned = { schema: "Reason", examples: { reason: { reason: "The lot was damaged" } } } as const;
const OVER = ["auction_closed", "auction_cancelled", "not_permitted"] as const;

const running: readonly Operation[] = [
  command({
    id: "cancelAuction",
    path: "/v1/auctions/{id}/cancel",
    tag: "Operations",
    summary: "Call an auction off",
    about: "Before the close: nobody wins, pending orders are released, confirmed ones stand.",
    roles: ["seller", "operator"],
    body: reasoned,
    refusals: OVER,
  }),
  command({
    id: "endAuction",
    path: "/v1/auctions/{id}/end",
    tag: "Operations",
    summary: "End an auction now",
    about: "Closes it at once as its end would have: the leader wins.",
    roles: ["seller", "operator"],
    body: reasoned,
    refusals: [...OVER, "auction_not_started"],
  }),
  command({
    id: "changeEnd",
    path: "/v1/auctions/{id}/change-end",
    tag: "Operations",
    summary: "Change an auction's end",
    about: "Before the first accepted bid, to a moment after now and after the start.",
    roles: ["seller", "operator"],
    body: {
      schema: "ChangeEnd",
      examples: { later: { endsAt: "2030-12-24T20:00:00Z", reason: "Announced for eight" } },
    },
    refusals: [...OVER, "has_bids", "end_not_in_future"],
  }),
  command({
    id: "blockBidder",
    path: "/v1/auctions/{id}/block",
    tag: "Operations",
    summary: "Block a bidder",
    about:
      "The bidder may not bid on this auction any more. What was bid stands; a place on the waitlist is lost.",
    roles: ["operator"],
    body: {
      schema: "Block",
      examples: {
        "by id": { bidderId: "mallory", reason: "Chargebacks" },
        "by a bid": { bidId: "m1X0aP7sR4kLq2tYv5eWzU", reason: "Chargebacks" },
      },
    },
    refusals: ["not_permitted"],
  }),
  command({
    id: "unblockBidder",
    path: "/v1/auctions/{id}/unblock",
    tag: "Operations",
    summary: "Unblock a bidder",
    roles: ["operator"],
    body: { schema: "Block", examples: { "by id": { bidderId: "mallory", reason: "A mistake" } } },
    refusals: ["not_permitted"],
  }),
  command({
    id: "retractBid",
    path: "/v1/auctions/{id}/bids/{bidId}/retract",
    tag: "Operations",
    summary: "Retract a bid",
    about:
      "Withdraws every bid of that bid's bidder on an english or sealed auction; price and leader follow from what is left. The bidder may bid again.",
    roles: ["operator"],
    body: { schema: "Reason", examples: { reason: { reason: "A typing error: 10,000 for 100.00" } } },
    refusals: [...OVER, "not_for_format", "no_such_standing_bid"],
  }),
].map((operation) =>
  /block|retract/i.test(operation.id)
    ? { ...operation, problems: [...operation.problems, ...edgeSays("bid_not_found")] }
    : operation,
);

interface OrderAction {
  action: string;
  summary: string;
  about: string;
  roles: readonly Role[];
  body: NonNullable<Operation["body"]>;
  refusals: readonly RejectionReason[];
}

const optional = { schema: "OptionalReason", mayBeEmpty: true, examples: { "no reason": {} } } as const;

const orderActions: readonly OrderAction[] = [
  {
    action: "confirm",
    summary: "Confirm an order",
    about: "It is paid.",
    roles: ["seller", "operator"],
    body: optional,
    refusals: ["order_not_pending"],
  },
  {
    action: "release",
    summary: "Release an order",
    about: "It is given up, by its buyer or for them. A drop's units go to the waitlist, or on sale again.",
    roles: ["bidder", "seller", "operator"],
    body: optional,
    refusals: ["order_not_pending"],
  },
  {
    action: "expire",
    summary: "Let an order expire",
    about: "As if its time to pay had passed.",
    roles: ["operator"],
    body: { schema: "Reason", examples: { reason: { reason: "Payment failed twice" } } },
    refusals: ["order_not_pending"],
  },
  {
    action: "second-chance",
    summary: "Offer the lot to the runner-up",
    about:
      "After this order, the auction's last one, was released or has expired. The new order has the runner-up's price.",
    roles: ["seller", "operator"],
    body: optional,
    refusals: ["order_not_passed_over", "no_runner_up", "not_for_format"],
  },
];

const settling: readonly Operation[] = orderActions.flatMap(({ action, refusals, ...rest }) => {
  const id = `${action.replace("-c", "C")}Order`;
  const all = ["order_not_found", "not_permitted", ...refusals] as const;
  const whole = { ...rest, tag: "Orders", refusals: all } as const;
  return [
    command({ ...whole, id, path: `/v1/auctions/{id}/orders/{orderId}/${action}` }),
    command({
      ...whole,
      id: `${id}ById`,
      path: `/v1/orders/{orderId}/${action}`,
      summary: `${rest.summary}, by its id alone`,
      about: `The same as \`POST /v1/auctions/{id}/orders/{orderId}/${action}\`: an order's id names its auction.`,
    }),
  ];
});

const reading: readonly Operation[] = [
  {
    id: "listOrders",
    method: "get",
    path: "/v1/auctions/{id}/orders",
    tag: "Orders",
    summary: "List an auction's orders",
    about: "Newest first, with the buyers' true ids. For the auction's own seller and for operators.",
    roles: ["seller", "operator"],
    parameters: ["orderStatus", "cursor", "limit"],
    answers: [{ status: 200, about: "A page of orders.", schema: "OrderPage" }],
    problems: [...coreProblems, ...edgeSays("unauthenticated", "forbidden", "auction_not_found")],
  },
  {
    id: "listOwnOrders",
    method: "get",
    path: "/v1/me/orders",
    tag: "Orders",
    summary: "List your orders",
    about: "Over all auctions, newest first.",
    roles: ["bidder"],
    parameters: ["cursor", "limit"],
    answers: [{ status: 200, about: "A page of orders.", schema: "OrderPage" }],
    problems: [...coreProblems, ...edgeSays("unauthenticated", "forbidden")],
  },
];

export const commandOperations: readonly Operation[] = [...reading, ...settling, ...running];
