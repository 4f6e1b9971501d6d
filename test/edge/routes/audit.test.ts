import { beforeEach, describe, expect, test } from "vitest";
import { edgeIn, newWorld, refusal, type World } from "./edge-under-test.ts";

let world: World;
beforeEach(() => {
  world = newWorld();
});

const PATH = "/v1/auctions/auction-1/audit";
const get = () => edgeIn(world).request(PATH);

describe("the audit route", () => {
  test("gives one page as it is, to anyone, as NDJSON", async () => {
    world.answers["audit"] = { text: '{"audit":"lastcall"}\n{"head":null}\n' };
    const response = await get();
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toContain("application/x-ndjson");
    expect(await response.text()).toBe('{"audit":"lastcall"}\n{"head":null}\n');
    expect(world.asked).toEqual([{ kind: "audit", request: { auctionId: "auction-1" } }]);
  });

  test("asks for the next page only when the reader has taken the one before, and ends with the last", async () => {
    world.answers["audit"] = { text: "a\n", nextCursor: "one" };
    const reader = ((await get()).body as ReadableStream<Uint8Array>).getReader();
    const read = async () => new TextDecoder().decode((await reader.read()).value);
    expect(await read()).toBe("a\n");
    expect(world.asked.length).toBeLessThanOrEqual(3);
    world.answers["audit"] = { text: "last\n" };
    let text = "";
    for (let chunk = await read(); chunk !== ""; chunk = await read()) text += chunk;
    expect(text).toMatch(/^(a\n)*last\n$/);
    expect(world.asked.slice(1).map(({ request }) => request)).toContainEqual({
      auctionId: "auction-1",
      cursor: "one",
    });
  });

  test("breaks off in an error when a page fails, so that nobody takes it for the whole", async () => {
    world.answers["audit"] = { text: "a\n", nextCursor: "one" };
    const response = await get();
    world.answers["audit"] = null;
    await expect(response.text()).rejects.toThrow("is gone");
  });

  test("is not found without the auction, and unavailable without a core", async () => {
    world.answers["audit"] = null;
    expect(await refusal(get())).toBe("404 auction_not_found");
    delete world.answers["audit"];
    expect(await refusal(get())).toBe("503 unavailable");
  });
});
