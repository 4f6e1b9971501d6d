import { beforeEach, describe, expect, test } from "vitest";
import { defaultPolicies } from "../../../edge/admission/policies.ts";
import { managedOutcomeSchema, pendingCommandSchema } from "../../../edge/web/reply-schemas.ts";
import { manageCommandSchema, type ManageCommand } from "../../../shared/commands.ts";
import { openAuction, outcomeAt } from "../builders.ts";
import { edgeIn, newWorld, refusal, type World } from "./edge-under-test.ts";

let world: World;
beforeEach(() => {
  world = newWorld();
  const { bidId: _bid, leading: _leading, ...done } = outcomeAt(0, { kind: "manage", actorId: "olga" });
  world.reply = { kind: "decided", outcome: done, auction: openAuction({ version: 2 }) };
  world.answers.bid = { outcome: outcomeAt(0, { actorId: "mallory" }), bidder: "b-1", version: 2 };
});

interface Asking {
  token?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

const ask = (path: string, { token = "olga:operator", body, headers = {} }: Asking = {}) =>
  edgeIn(world).request(path, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

/** The command that the gateway was handed, as the core reads it. */
const submitted = (): ManageCommand =>
  manageCommandSchema.parse(JSON.parse(world.submitted[0]?.request.command ?? ""));

const AUCTION = "/v1/auctions/auction-1";
const ORDER = `${AUCTION}/orders/auction-1-7`;
const reason = "Because";
const blocked = { bidderId: "mallory", reason };

/** Every command: its path, its body, the command's body, and who may give it. */
const COMMANDS: [path: string, body: unknown, command: ManageCommand["body"], roles: string][] = [
  [`${AUCTION}/cancel`, { reason }, { action: "cancel", reason }, "seller,operator"],
  [`${AUCTION}/end`, { reason }, { action: "end", reason }, "seller,operator"],
  [
    `${AUCTION}/change-end`,
    { endsAt: "2026-12-24T18:00:00Z", reason },
    { action: "change_end", endsAt: 1_798_135_200_000, reason },
    "seller,operator",
  ],
  [`${AUCTION}/block`, blocked, { action: "block", ...blocked }, "operator"],
  [`${AUCTION}/unblock`, blocked, { action: "unblock", ...blocked }, "operator"],
  [`${AUCTION}/block`, { bidId: "bid-0", reason }, { action: "block", ...blocked }, "operator"],
  [
    `${AUCTION}/bids/bid-0/retract`,
    { reason },
    { action: "retract", bidId: "bid-0", ...blocked },
    "operator",
  ],
  [`${ORDER}/confirm`, undefined, { action: "confirm", orderId: "auction-1-7" }, "seller,operator"],
  [
    `${ORDER}/release`,
    { reason },
    { action: "release", orderId: "auction-1-7", reason },
    "bidder,seller,operator",
  ],
  [`${ORDER}/expire`, { reason }, { action: "expire", orderId: "auction-1-7", reason }, "operator"],
  [`${ORDER}/second-chance`, {}, { action: "second_chance", orderId: "auction-1-7" }, "seller,operator"],
  [
    "/v1/orders/auction-1-7/confirm",
    undefined,
    { action: "confirm", orderId: "auction-1-7" },
    "seller,operator",
  ],
  [
    "/v1/orders/auction-1-7/release",
    {},
    { action: "release", orderId: "auction-1-7" },
    "bidder,seller,operator",
  ],
  [
    "/v1/orders/auction-1-7/expire",
    { reason },
    { action: "expire", orderId: "auction-1-7", reason },
    "operator",
  ],
  [
    "/v1/orders/auction-1-7/second-chance",
    undefined,
    { action: "second_chance", orderId: "auction-1-7" },
    "seller,operator",
  ],
];

describe.each(COMMANDS)("POST %s with %j", (path, body, command, roles) => {
  test("hands the auction's gateway a command that the core can parse, and answers 200", async () => {
    const response = await ask(path, { body });
    expect(response.status).toBe(200);
    managedOutcomeSchema.parse(await response.json());
    expect(response.headers.get("location")).toBeNull();
    expect(response.headers.get("ratelimit-policy")).toBe('"user";q=500;w=10');
    expect(world.submitted[0]).toMatchObject({
      auctionId: "auction-1",
      request: { kind: "manage", actorId: "olga", waitMs: 2_000 },
    });
    expect(submitted()).toMatchObject({ type: "manage", actorId: "olga", role: "operator", body: command });
  });

  test.each(["bidder", "seller", "operator"])("asked by a %s is admitted or a 403 (I12)", async (role) => {
    const response = ask(path, { token: `olga:${role}`, body });
    if (roles.split(",").includes(role)) {
      expect((await response).status).toBe(200);
      expect(submitted().role).toBe(role);
    } else {
      expect(await refusal(response)).toBe("403 forbidden");
      expect(world.submitted).toEqual([]);
    }
  });

  test("without a token is a 401", async () => {
    expect(await refusal(ask(path, { body, headers: { authorization: "" } }))).toBe("401 unauthenticated");
  });
});

describe("a command's role", () => {
  test.each([
    ["bidder,seller,operator", "operator"],
    ["bidder,seller", "seller"],
    ["bidder", "bidder"],
  ])("of a token with %s is %s", async (roles, role) => {
    await ask(`${ORDER}/release`, { token: `bob:${roles}` });
    expect(submitted().role).toBe(role);
  });
});

describe("a command's key", () => {
  test("is the caller's own", async () => {
    await ask(`${AUCTION}/cancel`, { body: { reason }, headers: { "idempotency-key": "mine" } });
    expect(submitted().key).toBe("mine");
  });

  test("is a new one each time when the caller names none", async () => {
    await ask(`${AUCTION}/cancel`, { body: { reason } });
    await ask(`${AUCTION}/cancel`, { body: { reason } });
    expect(new Set(world.submitted.map(({ request }) => request.key)).size).toBe(2);
  });

  test("is told to whoever has to ask again (I9)", async () => {
    world.reply = { kind: "queued", seq: 9 };
    const pending = await ask(`${ORDER}/confirm`, { headers: { prefer: "respond-async" } });
    expect(pending.status).toBe(202);
    const { key } = pendingCommandSchema.parse(await pending.json());
    expect(key).toBe(submitted().key);
    expect(world.submitted[0]?.request.waitMs).toBe(0);
    world.reply = { kind: "failed", reason: "outcome_unknown" };
    const unknown = await ask(`${ORDER}/confirm`, { headers: { "idempotency-key": "mine" } });
    expect(await unknown.clone().json()).toMatchObject({ key: "mine" });
    expect(await refusal(unknown)).toBe("503 outcome_unknown");
  });
});

describe("the auction", () => {
  test.each(["cancel", "end"])("is shown as %s has left it", async (action) => {
    const response = await ask(`${AUCTION}/${action}`, { body: { reason } });
    expect(await response.json()).toMatchObject({
      outcome: "accepted",
      auction: { id: "auction-1", version: 2 },
    });
  });

  test("is left out where the gateway does not have it, and where it is not the point", async () => {
    expect(await (await ask(`${ORDER}/confirm`)).json()).not.toHaveProperty("auction");
    world.reply = { kind: "decided", outcome: outcomeAt(0, { kind: "manage" }) };
    expect(await (await ask(`${AUCTION}/end`, { body: { reason } })).json()).not.toHaveProperty("auction");
  });
});

describe("what is refused before the log (I12)", () => {
  test.each<[string, string, unknown, string]>([
    ["a cancel without a reason", `${AUCTION}/cancel`, undefined, "/reason"],
    ["an empty reason", `${AUCTION}/end`, { reason: " " }, "/reason"],
    ["an expiry without a reason", `${ORDER}/expire`, {}, "/reason"],
    ["an end that is no moment", `${AUCTION}/change-end`, { endsAt: "soon", reason }, "/endsAt"],
    ["a field that it does not know", `${ORDER}/confirm`, { action: "cancel" }, "/action"],
    ["a block of nobody", `${AUCTION}/block`, { reason }, "/bidderId"],
    ["a block by both ids", `${AUCTION}/block`, { ...blocked, bidId: "bid-0" }, "/bidderId"],
  ])("%s names its field", async (_, path, body, pointer) => {
    const response = await ask(path, { body });
    const problem = await response.clone().json();
    expect(await refusal(response)).toBe("422 invalid_request");
    expect(problem).toMatchObject({ errors: [{ pointer }] });
    expect(world.submitted).toEqual([]);
  });

  test.each([
    [`${AUCTION}/orders/nonsense/confirm`, "404 order_not_found"],
    [`${AUCTION}/orders/auction-1-0/confirm`, "404 order_not_found"],
    ["/v1/orders/nonsense/confirm", "404 order_not_found"],
    ["/v1/auctions/a*/orders/a-1/confirm", "404 auction_not_found"],
  ])("%s is a %s", async (path, expected) => {
    expect(await refusal(ask(path))).toBe(expected);
  });

  test.each([`${AUCTION}/bids/bid-0/retract`, `${AUCTION}/block`])(
    "a bid that is not there, or cannot be looked up, at %s",
    async (path) => {
      const body = path.endsWith("block") ? { bidId: "bid-0", reason } : { reason };
      world.answers.bid = { outcome: null, bidder: null, version: 2 };
      expect(await refusal(ask(path, { body }))).toBe("404 bid_not_found");
      world.answers.bid = null;
      expect(await refusal(ask(path, { body }))).toBe("404 auction_not_found");
      delete world.answers.bid;
      const down = await ask(path, { body });
      expect(await down.clone().json()).toMatchObject({ queued: false });
      expect(await refusal(down)).toBe("503 not_queued");
      expect(world.submitted).toEqual([]);
    },
  );

  test("more commands than the user's bucket holds", async () => {
    const user = { ratePerSecond: 1, burst: 1 };
    world.policies = { ...defaultPolicies, manage: { ...defaultPolicies.manage, user } };
    const app = edgeIn(world);
    const confirm = () =>
      app.request(`${ORDER}/confirm`, { method: "POST", headers: { authorization: "Bearer olga:operator" } });
    expect((await confirm()).status).toBe(200);
    expect(await refusal(confirm())).toBe("429 rate_limited");
  });
});

test.each([
  [{ kind: "not_found" }, "404 auction_not_found"],
  [{ kind: "unavailable" }, "503 not_queued"],
  [{ kind: "failed", reason: "not_queued" }, "503 not_queued"],
] as const)("a gateway's %o is a %s", async (given, expected) => {
  world.reply = given;
  expect(await refusal(ask(`${AUCTION}/cancel`, { body: { reason } }))).toBe(expected);
});
