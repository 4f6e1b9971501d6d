import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { problemSchema } from "../../../shared/problem.ts";
import { englishTerms, type Reply, request, tokenFor } from "../../support/client.ts";
import { sharedStack } from "../../support/stack.ts";
import { openSaleroom, type Saleroom, someone } from "./saleroom.ts";
import { truthOf } from "./truth.ts";

const alice = someone("alice");
const bob = someone("bob");

let room: Saleroom;
let token = "";
let bidId = "";

/** Ended with an order that waits: every route below could change something. */
beforeAll(async () => {
  room = await openSaleroom(sharedStack(), englishTerms());
  bidId = String((await room.bid(alice, { amount: 1_000 })).body["bidId"]);
  await room.bid(bob, { amount: 1_100 });
  await room.manage(room.seller, "end");
  token = await tokenFor(room.edge, room.operator.id, "operator");
});
afterAll(() => room.leave());

const auction = (action: string) => () => `/v1/auctions/${room.id}/${action}`;
const order = (action: string) => () => `/v1/orders/${room.orderId(1)}/${action}`;
const retract = (): string => `/v1/auctions/${room.id}/bids/${bidId}/retract`;

/** Every route that takes a command, with a body that would do. */
const routes: [name: string, path: () => string, body: Record<string, unknown>][] = [
  ["cancel", auction("cancel"), { reason: "r" }],
  ["end", auction("end"), { reason: "r" }],
  ["change-end", auction("change-end"), { reason: "r", endsAt: 4_000_000_000_000 }],
  ["block", auction("block"), { reason: "r", bidderId: "alice" }],
  ["unblock", auction("unblock"), { reason: "r", bidderId: "alice" }],
  ["retract", retract, { reason: "r" }],
  ["expire", order("expire"), { reason: "r" }],
  ["confirm", order("confirm"), { reason: "r" }],
  ["release", order("release"), { reason: "r" }],
  ["second-chance", order("second-chance"), { reason: "r" }],
];
/** Those of an order's own course need none. */
const needReason = routes.filter(([name]) => !["confirm", "release", "second-chance"].includes(name));

interface Attempt {
  readonly body: string;
  readonly key?: string;
}

async function send(path: string, { body, key }: Attempt): Promise<Reply> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  return request(room.edge, path, {
    method: "POST",
    body,
    headers: key === undefined ? headers : { ...headers, "idempotency-key": key },
  });
}

/** Refused before the log, with a problem that names the fault. */
async function expectRefused(path: string, attempt: Attempt, why: [number, string, string?]): Promise<void> {
  const [status, reason, pointer] = why;
  const reply = await send(path, attempt);
  expect({ status: reply.status, reason: reply.body["reason"] }).toEqual({ status, reason });
  expect(reply.headers.get("content-type")).toMatch(/^application\/problem\+json/);
  const { errors = [] } = problemSchema.parse(reply.body);
  if (pointer !== undefined) expect(errors.map((error) => error.pointer)).toContain(pointer);
}

const invalid = (pointer: string): [number, string, string] => [422, "invalid_request", pointer];

/** Whatever a test below sends, the log stays as it is. */
let logged = 0;
beforeEach(async () => {
  logged = await commandsLogged();
});
afterEach(async () => {
  expect(await commandsLogged(), "something was published").toBe(logged);
});

async function commandsLogged(): Promise<number> {
  const { commands } = await truthOf(room.stack, room.id);
  return commands.filter(({ type }) => type !== "tick").length;
}

const without = (body: Record<string, unknown>, ...fields: string[]): string =>
  JSON.stringify(Object.fromEntries(Object.entries(body).filter(([name]) => !fields.includes(name))));

describe("a command that is not well-formed is refused, names the field, and changes nothing (I12)", () => {
  test.each(routes)("%s", async (_, pathOf, body) => {
    const path = pathOf();
    const refused = (text: string, ...why: [number, string, string?]) =>
      expectRefused(path, { body: text }, why);
    await refused(`{"reason":`, 400, "malformed_json");
    await refused("[]", 422, "invalid_request");
    await refused("null", 422, "invalid_request");
    await refused(`"reason"`, 422, "invalid_request");
    const odd: [unknown, string][] = [
      [{ ...body, colour: "red" }, "/colour"],
      [{ ...body, action: "cancel" }, "/action"],
      [{ ...body, reason: "a\0b" }, "/reason"],
      [{ ...body, reason: "\ud800" }, "/reason"],
      [{ ...body, reason: "x".repeat(501) }, "/reason"],
      [{ ...body, reason: "   " }, "/reason"],
      [{ ...body, reason: 7 }, "/reason"],
      [{ ...body, reason: null }, "/reason"],
    ];
    for (const [value, pointer] of odd) await refused(JSON.stringify(value), 422, "invalid_request", pointer);
    const huge = JSON.stringify({ ...body, reason: "x".repeat(5_000) });
    await refused(huge, 413, "body_too_large");
    for (const key of ["with space", "k".repeat(65)])
      await expectRefused(path, { body: JSON.stringify(body), key }, invalid("Idempotency-Key"));
  });

  test.each(needReason)("%s without a reason", async (_, pathOf, body) => {
    const text = without(body, "reason");
    await expectRefused(pathOf(), { body: text }, invalid("/reason"));
    await expectRefused(pathOf(), { body: "" }, invalid("/reason"));
  });

  test.each<[string, unknown, string]>([
    ["no end", { reason: "r" }, "/endsAt"],
    ["an end that is no moment", { reason: "r", endsAt: "tomorrow" }, "/endsAt"],
    ["an end before 1970", { reason: "r", endsAt: -1 }, "/endsAt"],
    ["half a millisecond", { reason: "r", endsAt: 4_000_000_000_000.5 }, "/endsAt"],
    ["an end beyond all calendars", { reason: "r", endsAt: 8_640_000_000_000_001 }, "/endsAt"],
  ])("change-end with %s", async (_, body, pointer) => {
    await expectRefused(auction("change-end")(), { body: JSON.stringify(body) }, invalid(pointer));
  });

  test.each<[string, unknown, string]>([
    ["nobody", { reason: "r" }, "/bidderId"],
    ["somebody twice", { reason: "r", bidderId: "a", bidId: "b" }, "/bidderId"],
    ["an id that may not stand in a subject", { reason: "r", bidderId: "a.b" }, "/bidderId"],
    ["an id with NUL", { reason: "r", bidderId: "a\0" }, "/bidderId"],
    ["an empty id", { reason: "r", bidderId: "" }, "/bidderId"],
    ["a bid by a wild card", { reason: "r", bidId: ">" }, "/bidId"],
  ])("blocking and unblocking %s", async (_, body, pointer) => {
    for (const action of ["block", "unblock"])
      await expectRefused(auction(action)(), { body: JSON.stringify(body) }, invalid(pointer));
  });
});
