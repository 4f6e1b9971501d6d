import type { RejectionReason } from "../../shared/outcomes.ts";
import {
  coreProblems,
  edgeSays,
  logSays,
  readProblems,
  WRITE_HEADERS,
  writeProblems,
  type Operation,
} from "./operation.ts";

/** Every refusal of a bid that is the bidder's doing. */
const BID_REFUSALS: readonly RejectionReason[] = [
  "auction_not_started",
  "auction_closed",
  "auction_cancelled",
  "self_bid",
  "bidder_blocked",
  "bid_not_for_format",
  "bid_too_low",
  "maximum_not_raised",
  "buy_now_unavailable",
  "price_moved",
  "not_enough_units",
  "sold_out",
  "limit_reached",
];

const IN_2030 = "2030-12-24T18:00:00Z";

const auctions: readonly Operation[] = [
  {
    id: "createAuction",
    method: "post",
    path: "/v1/auctions",
    tag: "Auctions",
    summary: "Create an auction",
    about:
      "The id follows from you and the key, so a retry finds its own auction. Without `startsAt` it opens at once; with one it is `scheduled` and opens by the log's clock.",
    roles: ["seller"],
    parameters: ["IdempotencyKey", "Prefer"],
    body: {
      schema: "CreateAuction",
      examples: {
        english: {
          format: "english",
          title: "A brass lamp",
          currency: "EUR",
          endsAt: IN_2030,
          startPrice: 1_000,
          increment: [
            { from: 0, step: 100 },
            { from: 10_000, step: 500 },
          ],
          reservePrice: 5_000,
          softClose: { windowMs: 60_000, extendMs: 60_000 },
        },
        dutch: {
          format: "dutch",
          title: "Forty crates of tulips",
          currency: "EUR",
          startPrice: 9_000,
          floorPrice: 2_000,
          stepAmount: 100,
          stepMs: 1_000,
          units: 40,
        },
        sealed: {
          format: "sealed",
          title: "A radio licence",
          currency: "EUR",
          endsAt: IN_2030,
          pricing: "second",
          reservePrice: 100_000,
        },
        drop: {
          format: "drop",
          title: "Sneakers, first run",
          currency: "EUR",
          startsAt: "2030-12-24T12:00:00Z",
          endsAt: IN_2030,
          price: 18_000,
          units: 7_000,
          perBidder: 2,
          holdMs: 600_000,
        },
      },
    },
    answers: [
      { status: 201, about: "It is committed.", schema: "Auction", headers: ["Location", ...WRITE_HEADERS] },
      {
        status: 202,
        about: "The log has it; the core has not decided it yet.",
        schema: "PendingAuction",
        headers: ["Location", ...WRITE_HEADERS],
      },
    ],
    problems: [
      ...edgeSays("missing_idempotency_key", "unavailable"),
      ...logSays("auction_exists", "ends_in_the_past", "soft_close_too_long"),
      ...writeProblems,
    ],
  },
  {
    id: "listAuctions",
    method: "get",
    path: "/v1/auctions",
    tag: "Auctions",
    summary: "List auctions",
    parameters: ["status", "format", "sort", "cursor", "limit"],
    answers: [{ status: 200, about: "A page of auctions.", schema: "AuctionPage" }],
    problems: coreProblems,
  },
  {
    id: "getAuction",
    method: "get",
    path: "/v1/auctions/{id}",
    tag: "Auctions",
    summary: "Get an auction",
    about: "To follow one, watch its feed instead of asking again and again.",
    parameters: ["minVersion", "IfNoneMatch"],
    answers: [
      { status: 200, about: "The auction.", schema: "Auction", headers: ["ETag"] },
      { status: 304, about: "You have the newest.", headers: ["ETag"] },
    ],
    problems: [...coreProblems, ...edgeSays("auction_not_found")],
  },
  {
    id: "getLeaderboard",
    method: "get",
    path: "/v1/auctions/{id}/leaderboard",
    tag: "Auctions",
    summary: "Get the leaderboard",
    about:
      "A line for each of the best 20 bidders: the leader at the price, the others at their limits, which the price has passed. A sealed auction's is empty until the close.",
    parameters: ["minVersion"],
    answers: [{ status: 200, about: "The best bidders.", schema: "Leaderboard", headers: ["ETag"] }],
    problems: [...coreProblems, ...edgeSays("auction_not_found")],
  },
  {
    id: "getAudit",
    method: "get",
    path: "/v1/auctions/{id}/audit",
    tag: "Auctions",
    summary: "Get the audit",
    about: [
      "The auction's whole log as everybody may see it, one JSON object a line: a header, each envelope that was decided, and the `head` as the last line; without that it was cut off.",
      "- Bidders, sellers and operators appear by alias, idempotency keys by public ids (a bid's is its `bidId`).\n- What is nobody's business yet, the amounts of sealed bids, maxima and the reserve, stands there as a commitment, `{\"c\": …}`. Once the auction is closed, `reveals` has each value and the salt that opens it; a cancelled auction reveals nothing.\n- `chain` is the hex SHA-256 of the chain before it (of nothing for the first line), `seq`, `at` and the record's JSON, joined by line feeds. Your receipt, the `seq`, `at` and `chain` of an outcome, must be the `seq`, `at` and `chain` of a line.",
      "`npm run verify-audit -- file.ndjson` checks such a file without Lastcall's servers: the chain, the reveals, and by the rules themselves every decision, the winner and the price.",
    ].join("\n\n"),
    answers: [{ status: 200, about: "The lines.", mediaType: "application/x-ndjson" }],
    problems: [...coreProblems, ...edgeSays("auction_not_found")],
  },
];

const bids: readonly Operation[] = [
  {
    id: "placeBid",
    method: "post",
    path: "/v1/auctions/{id}/bids",
    tag: "Bids",
    summary: "Bid",
    about:
      "201 and 409 are final: the decision is committed. Which fields a bid may have, the auction's format says. After a 503 `outcome_unknown`, or no answer at all, send it again with the same key.",
    roles: ["bidder"],
    parameters: ["IdempotencyKey", "Prefer"],
    body: {
      schema: "Bid",
      examples: {
        english: { amount: 1_250 },
        "english, by proxy": { maxAmount: 8_000 },
        "english, at once": { buyNow: true },
        dutch: { amount: 4_500, quantity: 2 },
        sealed: { amount: 120_000 },
        drop: { quantity: 2, waitlist: true },
      },
    },
    answers: [
      {
        status: 201,
        about: "The bid is accepted and committed.",
        schema: "BidOutcome",
        headers: ["Location", ...WRITE_HEADERS],
      },
      {
        status: 202,
        about: "The log has the bid; `Location` says where its outcome will be.",
        schema: "PendingBid",
        headers: ["Location", ...WRITE_HEADERS],
      },
    ],
    problems: [
      ...edgeSays("missing_idempotency_key", "auction_not_found"),
      ...logSays(...BID_REFUSALS),
      ...writeProblems,
    ],
  },
  {
    id: "listBids",
    method: "get",
    path: "/v1/auctions/{id}/bids",
    tag: "Bids",
    summary: "List an auction's bids",
    about: "Newest first, bidders by alias. Amounts of a sealed auction are null until the close.",
    parameters: ["cursor", "limit"],
    answers: [{ status: 200, about: "A page of bids.", schema: "BidPage" }],
    problems: [...coreProblems, ...edgeSays("auction_not_found")],
  },
  {
    id: "getBid",
    method: "get",
    path: "/v1/auctions/{id}/bids/{bidId}",
    tag: "Bids",
    summary: "Get a bid's outcome",
    parameters: ["seq"],
    answers: [{ status: 200, about: "The outcome, or that it is pending.", schema: "BidStatus" }],
    problems: [...coreProblems, ...edgeSays("auction_not_found", "bid_not_found")],
  },
  {
    id: "listOwnBids",
    method: "get",
    path: "/v1/me/bids",
    tag: "Bids",
    summary: "List the auctions that you have bid on",
    about: "The latest bid first, each with your own standing in it.",
    roles: ["bidder"],
    parameters: ["cursor", "limit"],
    answers: [{ status: 200, about: "A page of standings.", schema: "OwnBidPage" }],
    problems: [...coreProblems, ...edgeSays("unauthenticated", "forbidden")],
  },
];

const live: readonly Operation[] = [
  {
    id: "watchAuction",
    method: "get",
    path: "/v1/auctions/{id}/live",
    tag: "Live",
    summary: "Watch an auction, and bid on it",
    about: [
      "A WebSocket, or server-sent events for who sends `Accept: text/event-stream`. Anyone may watch; a token lets a socket bid, until it expires.",
      "On a WebSocket offer the subprotocol `lastcall.v1`, and beside it `bearer.<token>`, since a browser cannot set the `Authorization` header there. Frames are JSON texts: a client sends `ClientFrame`, the server `ServerFrame`.",
      "- The first frame is a `snapshot`; with `since` it is an `update` from there, if the feed still reaches back so far.\n- Every `update` covers the versions `(from, version]`. No version is missing and none comes twice; a slow reader gets one range up to the newest state.\n- A bid is answered by an `outcome` once it is committed, or by an `error` when it was refused before it was queued. After a break, send it again with the same key.\n- `now` is the log's clock. Count down by it: `endsAt` moves with the soft close, in the very `update` that has the `extended` event.",
      "As server-sent events each frame is a `snapshot` or `update` event with its version as the id; nothing can be sent.",
    ].join("\n\n"),
    parameters: ["since", "LastEventId", "SecWebSocketProtocol"],
    answers: [
      { status: 101, about: "A WebSocket with frames of `ServerFrame` and `ClientFrame`." },
      {
        status: 200,
        about: "Events `snapshot` and `update`, the data of each a `ServerFrame`.",
        mediaType: "text/event-stream",
        schema: "ServerFrame",
      },
    ],
    problems: [
      ...readProblems,
      ...edgeSays("unauthenticated", "auction_not_found", "invalid_request", "unavailable"),
    ],
  },
];

export const auctionOperations: readonly Operation[] = [...auctions, ...bids, ...live];
