import { beforeEach, describe, expect, test } from "vitest";
import type { Verdict } from "../../../edge/admission/leases.ts";
import type { Limiter } from "../../../edge/admission/limiter.ts";
import { createFrameHandler, type FrameHandler } from "../../../edge/gateway/frame-handler.ts";
import { createHopelessCheck } from "../../../edge/gateway/hopeless.ts";
import type { SocketWatcher } from "../../../edge/gateway/socket-watcher.ts";
import type { CoreQueries } from "../../../edge/reading/core-queries.ts";
import { openAuction } from "../builders.ts";

/** What went to the log and what the socket was told, in order. */
let said: string[];
let verdict: Verdict | Promise<Verdict>;
let status: "open" | "closed" | "cancelled";
/** What the core answers when it is asked for a bid. */
let core: () => Promise<unknown>;
let handler: FrameHandler;
let watcher: SocketWatcher;

beforeEach(() => {
  said = [];
  verdict = { allowed: true };
  status = "open";
  core = async () => ({ outcome: null, bidder: null, version: 9 });
  watcher = {
    attachment: { bidder: "bob", mayBid: true, ip: "1.2.3.4", sent: 0 },
    badFrames: 0,
    held: undefined,
    socket: { close: (code: number) => said.push(`closed with ${code}`) },
    send: (frame: string) => {
      const { type, reason, key, queued } = JSON.parse(frame) as Record<string, string | boolean>;
      said.push([type, reason, key, queued].filter((part) => part !== undefined).join(" "));
    },
  } as unknown as SocketWatcher;
  handler = createFrameHandler({
    auctionId: "auction-1",
    limiter: { writeBy: () => ({ allowed: true }), bid: () => verdict } as unknown as Limiter,
    clock: { now: () => 7, observe: () => {} },
    submit: (_, key) => {
      said.push(`to the log: ${key}`);
      return true;
    },
    hopeless: createHopelessCheck({
      auctionId: "auction-1",
      queries: { ask: () => core() } as unknown as CoreQueries,
      view: () => openAuction({ status, version: 9 }),
    }),
  });
});

const bid = (key: string): void => handler.receive(watcher, `{"type":"bid","key":"${key}","amount":1}`);
const settled = () => new Promise((resolve) => setTimeout(resolve, 1));

test("bids go to the log at once while nothing has to be asked", () => {
  bid("a");
  bid("b");
  expect(said).toEqual(["to the log: a", "to the log: b"]);
});

test("what comes behind a bid that has to ask is held, so that its order stands (I15)", async () => {
  const asking = Promise.withResolvers<Verdict>();
  verdict = asking.promise;
  bid("a");
  verdict = { allowed: true };
  bid("b");
  expect(said).toEqual([]);
  asking.resolve({ allowed: true });
  await settled();
  expect(said).toEqual(["to the log: a", "to the log: b"]);
});

describe("on an auction that is over", () => {
  test.each(["closed", "cancelled"] as const)("a new key is refused as %s, without the log", async (over) => {
    status = over;
    bid("a");
    await settled();
    expect(said).toEqual([`error auction_${over} a false`]);
  });

  test("a check that fails leaves the bid to the log, and the ones behind it come after it", async () => {
    status = "closed";
    core = () => Promise.reject(new TypeError("a bug"));
    bid("a");
    bid("b");
    await settled();
    await settled();
    expect(said).toEqual(["to the log: a", "to the log: b"]);
  });
});

test("an admission that breaks refuses its bid with a reason, and goes on (I12)", async () => {
  verdict = Promise.reject(new TypeError("a bug"));
  bid("a");
  verdict = { allowed: true };
  bid("b");
  await settled();
  expect(said).toEqual(["error not_queued a false", "to the log: b"]);
});

test("who may not bid is told so", () => {
  watcher.attachment.mayBid = false;
  bid("a");
  watcher.attachment.mayBid = true;
  watcher.attachment.expiresAtMs = 1;
  bid("b");
  delete watcher.attachment.bidder;
  bid("c");
  expect(said).toEqual([
    "error forbidden a false",
    "error unauthenticated b false",
    "error unauthenticated c false",
  ]);
});
