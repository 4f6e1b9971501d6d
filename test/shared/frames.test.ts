import { describe, expect, test } from "vitest";
import { clientFrameSchema, MAX_FRAME_BYTES } from "../../shared/frames.ts";

describe("a client's frame", () => {
  test.each([[{ type: "bid", key: "k", amount: 1_000 }], [{ type: "ping", t: 1.5 }]])(
    "may be %j",
    (frame) => {
      expect(clientFrameSchema.parse(frame)).toEqual(frame);
    },
  );

  test.each([
    [{ type: "bid", amount: 1_000 }],
    [{ type: "bid", key: "k" }],
    [{ type: "bid", key: "k", amount: 0 }],
    [{ type: "bid", key: "k", amount: 1, bidderId: "somebody-else" }],
    [{ type: "bid", key: "a b", amount: 1 }],
    [{ type: "ping", t: "now" }],
    [{ type: "outcome" }],
    [[]],
    [null],
  ])("may not be %j", (frame) => {
    expect(clientFrameSchema.safeParse(frame).success).toBe(false);
  });

  test("with the longest key and amount is far below the limit", () => {
    const longest = JSON.stringify({ type: "bid", key: "k".repeat(64), amount: Number.MAX_SAFE_INTEGER });
    expect(longest.length * 10).toBeLessThan(MAX_FRAME_BYTES);
  });
});
