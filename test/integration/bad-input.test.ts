import { randomUUID } from "node:crypto";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "nats";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { problemSchema } from "../../shared/problem.ts";
import { commandStream, DEFAULT_STREAMS } from "../../shared/subjects.ts";
import {
  createAuction,
  dropTerms,
  dutchTerms,
  edgeOf,
  englishTerms,
  type Reply,
  request,
  sealedTerms,
  tokenFor,
} from "../support/client.ts";
import { sharedStack } from "../support/stack.ts";

let nc: NatsConnection;
let auctionId = "";
let tokens = { bidder: "", seller: "" };
const edge = () => edgeOf(sharedStack());

beforeAll(async () => {
  nc = await connect({ servers: sharedStack().info.nats });
  auctionId = (await createAuction(edge())).id;
  tokens = {
    bidder: await tokenFor(edge(), "alice", "bidder"),
    seller: await tokenFor(edge(), "sam", "seller"),
  };
});
afterAll(() => nc.close());

/** Messages of all commands streams that no tick could have added. */
async function published(): Promise<number> {
  const jsm = await jetstreamManager(nc);
  let messages = 0;
  for (let stream = 0; stream < DEFAULT_STREAMS; stream++) {
    const { state } = await jsm.streams.info(commandStream(stream), {
      subjects_filter: `commands.*.${auctionId}`,
    });
    messages += Object.values(state.subjects ?? {}).reduce((sum, count) => sum + count, 0);
  }
  return messages;
}

interface Attempt {
  readonly target?: string;
  readonly body?: string;
  readonly token?: string | null;
  readonly key?: string | null;
  readonly type?: string;
}

function send(attempt: Attempt): Promise<Reply> {
  const {
    target = `/v1/auctions/${auctionId}/bids`,
    body = `{"amount":1000}`,
    token = tokens.bidder,
    key = "a-key",
  } = attempt;
  return request(edge(), target, {
    method: "POST",
    body,
    headers: {
      "content-type": attempt.type ?? "application/json",
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(key === null ? {} : { "idempotency-key": key }),
    },
  });
}

async function expectRefused(attempt: Attempt, status: number, reason: string): Promise<Reply> {
  const before = await published();
  const reply = await send(attempt);
  expect({ status: reply.status, reason: reply.body["reason"] }).toEqual({ status, reason });
  expect(reply.headers.get("content-type")).toMatch(/^application\/problem\+json/);
  problemSchema.parse(reply.body);
  expect(await published(), "something was published").toBe(before);
  return reply;
}

describe("a bid that is not well-formed is refused, with a reason, and not published (I12)", () => {
  test.each([
    ["malformed JSON", `{"amount":`, 400, "malformed_json"],
    ["no body", "", 400, "malformed_json"],
    ["an unknown field", `{"amount":1000,"colour":"red"}`, 422, "invalid_request"],
    ["a wrong type", `{"amount":"1000"}`, 422, "invalid_request"],
    ["a fractional amount", `{"amount":1000.5}`, 422, "invalid_request"],
    ["a negative amount", `{"amount":-1000}`, 422, "invalid_request"],
    ["zero", `{"amount":0}`, 422, "invalid_request"],
    ["an unsafe amount", `{"amount":9007199254740993}`, 422, "invalid_request"],
    ["an amount beyond all numbers", `{"amount":1e400}`, 422, "invalid_request"],
    ["an array", `[1000]`, 422, "invalid_request"],
    ["null", `null`, 422, "invalid_request"],
    ["more than 4 KB", `{"amount":1000,"x":"${"y".repeat(4_096)}"}`, 413, "body_too_large"],
  ])("%s", async (_, body, status, reason) => {
    const reply = await expectRefused({ body }, status, reason);
    if (status === 422) expect(problemSchema.parse(reply.body).errors?.length).toBeGreaterThan(0);
  });

  test("a key is required, and its form is checked", async () => {
    await expectRefused({ key: null }, 400, "missing_idempotency_key");
    await expectRefused({ key: "with space" }, 422, "invalid_request");
    await expectRefused({ key: "k".repeat(65) }, 422, "invalid_request");
  });
});

describe("who may bid", () => {
  test("a missing, broken or foreign token is 401", async () => {
    await expectRefused({ token: null }, 401, "unauthenticated");
    await expectRefused({ token: "not.a.token" }, 401, "unauthenticated");
    const [head, payload] = tokens.bidder.split(".");
    await expectRefused({ token: `${head}.${payload}.AAAA` }, 401, "unauthenticated");
    const none = Buffer.from(`{"alg":"none"}`).toString("base64url");
    await expectRefused({ token: `${none}.${payload}.` }, 401, "unauthenticated");
  });

  test("a seller may not bid and a bidder may not sell: 403", async () => {
    await expectRefused({ token: tokens.seller }, 403, "forbidden");
    await expectRefused({ target: "/v1/auctions", body: JSON.stringify(englishTerms()) }, 403, "forbidden");
  });
});

describe("auctions that are not there", () => {
  test("an unknown auction is 404", async () => {
    await expectRefused({ target: "/v1/auctions/nowhere/bids" }, 404, "auction_not_found");
    expect((await request(edge(), "/v1/auctions/nowhere")).status).toBe(404);
    expect((await request(edge(), "/v1/auctions/nowhere/bids")).status).toBe(404);
    expect((await request(edge(), `/v1/auctions/${auctionId}/bids/nothing`)).status).toBe(404);
  });

  test.each(["*", "%3E", "a.b", "%00", "%C3%A9", "a%20b", "x".repeat(65), "commands.%3E"])(
    "an id like %s never becomes a subject",
    async (id) => {
      const reply = await send({ target: `/v1/auctions/${id}/bids` });
      expect([404, 422]).toContain(reply.status);
      expect(reply.headers.get("content-type")).toMatch(/^application\/problem\+json/);
      problemSchema.parse(reply.body);
    },
  );
});

describe("terms that make no sense are 422 and name the field", () => {
  const now = Date.now();
  test.each([
    ["an unknown currency", { currency: "XXQ" }, "/currency"],
    ["an end before the start", { startsAt: now + 7_200_000, endsAt: now + 3_600_000 }, "/endsAt"],
    ["an empty title", { title: "  " }, "/title"],
    ["NUL in the title", { title: "a\0b" }, "/title"],
    ["a start price of nothing", { startPrice: 0 }, "/startPrice"],
    ["tiers that do not start at 0", { increment: [{ from: 5, step: 1 }] }, "/increment"],
  ])("%s", async (_, change, pointer) => {
    const body = JSON.stringify({ ...englishTerms(), ...change });
    const reply = await expectRefused(
      { target: "/v1/auctions", body, token: tokens.seller },
      422,
      "invalid_request",
    );
    expect(problemSchema.parse(reply.body).errors?.map((error) => error.pointer)).toContain(pointer);
  });

  test.each<[string, object, string]>([
    ["a reserve below the start", englishTerms({ reservePrice: 999 }), "/reservePrice"],
    [
      "a buy-now below the reserve",
      englishTerms({ reservePrice: 2_000, buyNowPrice: 1_999 }),
      "/buyNowPrice",
    ],
    [
      "a soft close longer than the auction",
      englishTerms({ startsAt: now, endsAt: now + 1_000, softClose: { windowMs: 1_001, extendMs: 1 } }),
      "/softClose/windowMs",
    ],
    ["another format's terms", { ...englishTerms(), units: 3 }, "/units"],
    ["a floor above the start", dutchTerms({ floorPrice: 10_001 }), "/floorPrice"],
    ["a step too small for the way down", dutchTerms({ stepAmount: 1, startPrice: 100_000 }), "/stepAmount"],
    ["a step faster than watchers are told", dutchTerms({ stepMs: 99 }), "/stepMs"],
    ["an end and a grace", dutchTerms({ endsAt: now + 60_000, graceMs: 1 }), "/graceMs"],
    ["a price by no rule", { ...sealedTerms(), pricing: "third" }, "/pricing"],
    ["no units", dropTerms({ units: 0 }), "/units"],
    ["more units than money can count", dropTerms({ units: 1_000_000, price: 9_007_199_255 }), "/units"],
    ["a limit of nothing", dropTerms({ perBidder: 0 }), "/perBidder"],
    ["a hold of no time", dropTerms({ holdMs: 0 }), "/holdMs"],
    ["no format that there is", { ...dropTerms(), format: "raffle" }, "/format"],
  ])("%s", async (_, terms, pointer) => {
    const body = JSON.stringify(terms);
    const attempt = { target: "/v1/auctions", body, token: tokens.seller };
    const reply = await expectRefused(attempt, 422, "invalid_request");
    expect(problemSchema.parse(reply.body).errors?.map((error) => error.pointer)).toContain(pointer);
  });

  test.each<[string, object, string, string]>([
    ["an end in the past", englishTerms({ endsAt: now - 1_000 }), "ends_in_the_past", "/endsAt"],
    [
      "a soft close longer than what is left",
      englishTerms({ endsAt: now + 3_600_000, softClose: { windowMs: 3_700_000, extendMs: 1 } }),
      "soft_close_too_long",
      "/softClose/windowMs",
    ],
  ])("%s is decided by the log's clock, and names its field, too", async (_, terms, reason, pointer) => {
    const key = randomUUID();
    const reply = await send({
      target: "/v1/auctions",
      body: JSON.stringify(terms),
      token: tokens.seller,
      key,
    });
    expect(reply).toMatchObject({ status: 422, body: { reason, errors: [{ pointer }] } });
  });
});
