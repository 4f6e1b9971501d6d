import { type StackCase, NOTHING_LOST } from "./case.ts";
import { edgeCase } from "./edge-case.ts";

/** An open loop that does not keep its pace has not measured the load that it names. */
const keepsPace = (ratePerSecond: number) => ({ figure: "rate", atLeast: ratePerSecond * 0.99, unit: "/s" });

const OPEN_RATE = 2_000;
const HTTP_OPEN_RATE = 1_000;

export const websocket: StackCase = edgeCase({
  name: "websocket",
  about:
    "one hot auction, 200 sockets with 5 bids in flight each, closed loop, to the outcome on the same socket",
  script: "websocket-load.ts",
  auctions: 1,
  bidders: 200,
  shape: { kind: "closed", inFlightPerBidder: 5 },
  bars: [{ figure: "rate", atLeast: 20_000, unit: "/s" }, ...NOTHING_LOST],
});

export const spread: StackCase = edgeCase({
  name: "spread",
  about: "the same over 1,000 auctions: one socket each, one bid in flight",
  script: "websocket-load.ts",
  auctions: 1_000,
  bidders: 1_000,
  shape: { kind: "closed", inFlightPerBidder: 1 },
  bars: [{ figure: "rate", atLeast: 8_000, unit: "/s" }, ...NOTHING_LOST],
});

export const open: StackCase = edgeCase({
  name: "open",
  about:
    "one hot auction, 2,000 bids/s over 200 sockets whatever comes back; latency from the intended moment",
  script: "websocket-load.ts",
  auctions: 1,
  bidders: 200,
  shape: { kind: "open", ratePerSecond: OPEN_RATE },
  bars: [{ figure: "p99_ms", atMost: 30, unit: " ms" }, keepsPace(OPEN_RATE), ...NOTHING_LOST],
});

export const http: StackCase = edgeCase({
  name: "http",
  about: "one hot auction, 64 keep-alive connections posting bids, closed loop, to the committed 201 or 409",
  script: "http-load.ts",
  auctions: 1,
  bidders: 64,
  shape: { kind: "closed", inFlightPerBidder: 1 },
  bars: [{ figure: "rate", atLeast: 3_000, unit: "/s" }, ...NOTHING_LOST],
});

export const httpOpen: StackCase = edgeCase({
  name: "http-open",
  about: "the same at 1,000 bids/s of 200 bidders whatever comes back; latency from the intended moment",
  script: "http-load.ts",
  auctions: 1,
  bidders: 200,
  shape: { kind: "open", ratePerSecond: HTTP_OPEN_RATE },
  bars: [{ figure: "p99_ms", atMost: 60, unit: " ms" }, keepsPace(HTTP_OPEN_RATE), ...NOTHING_LOST],
});
