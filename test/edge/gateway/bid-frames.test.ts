import { describe, expect, test } from "vitest";
import { bidCommandJson, readFrame, type BidFrame } from "../../../edge/gateway/bid-frames.ts";
import type { BidBody } from "../../../shared/bids.ts";
import { commandSchema } from "../../../shared/commands.ts";
import { MAX_FRAME_BYTES } from "../../../shared/frames.ts";

const bodies: BidBody[] = [
  { amount: 100 },
  { amount: 100, maxAmount: 300 },
  { maxAmount: 300 },
  { buyNow: true },
  { amount: 100, quantity: 3, partial: true },
  {},
  { quantity: 2 },
  { quantity: 2, waitlist: true },
];

test.each(bodies)("a bid frame with %j becomes a command with that body", (body) => {
  const read = readFrame(JSON.stringify({ type: "bid", key: "k", ...body }));
  if (!("frame" in read)) throw new Error(read.detail);
  expect(commandSchema.parse(JSON.parse(bidCommandJson("bob", read.frame as BidFrame)))).toEqual({
    type: "bid",
    bidderId: "bob",
    key: "k",
    body,
  });
});

describe("a frame that is refused (I12)", () => {
  test.each<[object, string]>([
    [{ amount: "100" }, "/amount: must be a whole number of minor units"],
    [{ amount: 0 }, "/amount: must be at least 1 minor unit"],
    [{ amount: 200, maxAmount: 100 }, "/maxAmount: must not be below amount"],
    [{ buyNow: true, amount: 1 }, "/buyNow: must stand alone"],
    [{ quantity: 0 }, "/quantity: must be at least 1 unit"],
    [{ waitlist: true, amount: 1 }, "/waitlist: is for drops, which have a fixed price"],
    [{ ammount: 1 }, "/ammount: is not known here"],
  ])("with %j names its field and its bid", (body, detail) => {
    const frame = JSON.stringify({ type: "bid", key: "k", ...body });
    expect(readFrame(frame)).toEqual({ reason: "invalid_request", detail, key: "k" });
  });

  test.each<[string | ArrayBuffer, string]>([
    ["{", "malformed_json"],
    [new ArrayBuffer(1), "malformed_json"],
    [" ".repeat(MAX_FRAME_BYTES + 1), "body_too_large"],
    ['{"type":"sing"}', "invalid_request"],
    ['{"type":"bid","amount":1}', "invalid_request"],
    ["null", "invalid_request"],
  ])("such as %s has a reason", (message, reason) => {
    expect(readFrame(message)).toMatchObject({ reason });
  });
});
