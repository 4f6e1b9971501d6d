import { describe, expect, test } from "vitest";
import { type ManageBody, manageBodySchema, orderIdSchema } from "../../shared/manage.ts";

const faults = (body: unknown): string[] => [
  ...new Set(manageBodySchema.safeParse(body).error?.issues.map((issue) => `/${issue.path.join("/")}`)),
];

const reason = "as agreed";
const orderId = "auction-1-1";
const bodies: Record<ManageBody["action"], ManageBody> = {
  cancel: { action: "cancel", reason },
  end: { action: "end", reason },
  change_end: { action: "change_end", endsAt: 1_800_000_000_000, reason },
  block: { action: "block", bidderId: "bob", reason },
  unblock: { action: "unblock", bidderId: "bob", reason },
  retract: { action: "retract", bidId: "bid-1", bidderId: "bob", reason },
  confirm: { action: "confirm", orderId },
  release: { action: "release", orderId },
  expire: { action: "expire", orderId, reason },
  second_chance: { action: "second_chance", orderId },
};
const all = Object.values(bodies);

describe("what owners, operators and buyers ask", () => {
  test.each(all)("may be to $action, and is unchanged by being read", (body) => {
    expect(manageBodySchema.parse(body)).toEqual(body);
    expect(manageBodySchema.parse({ ...body, reason })).toEqual({ ...body, reason });
  });

  test.each(all.filter((body) => body.reason !== undefined))(
    "says why, where it takes something from somebody: $action",
    (body) => {
      expect(faults({ ...body, reason: undefined })).toEqual(["/reason"]);
    },
  );

  test.each(all)("has no empty, endless or unspeakable reason: $action", (body) => {
    for (const bad of ["", "   ", "x".repeat(501), "a\0b", "a\ud83d"])
      expect(faults({ ...body, reason: bad })).toEqual(["/reason"]);
    expect(faults({ ...body, reason: "x".repeat(500) })).toEqual([]);
  });

  test.each(all)("has no other fields: $action", (body) => {
    expect(manageBodySchema.safeParse({ ...body, role: "operator" }).success).toBe(false);
  });

  test("names a bidder who may stand in a subject, and an end that is a moment", () => {
    for (const bidderId of ["*", "a.b", "", undefined]) {
      expect(faults({ ...bodies.block, bidderId })).toEqual(["/bidderId"]);
      expect(faults({ ...bodies.retract, bidderId })).toEqual(["/bidderId"]);
    }
    for (const endsAt of ["tomorrow", 1.5, -1, undefined])
      expect(faults({ ...bodies.change_end, endsAt })).toEqual(["/endsAt"]);
  });

  test("reads an end from RFC 3339 into milliseconds", () => {
    expect(manageBodySchema.parse({ ...bodies.change_end, endsAt: "2027-01-15T09:00:00.250+01:00" })).toEqual(
      {
        ...bodies.change_end,
        endsAt: Date.UTC(2027, 0, 15, 8) + 250,
      },
    );
  });

  test.each([{ action: "steal" }, {}, null, "cancel"])("may not be %j", (body) => {
    expect(manageBodySchema.safeParse(body).success).toBe(false);
  });
});

describe("an order's id", () => {
  test.each(["a-1", "auction-1-999999999", `${"a".repeat(64)}-1`, "---1", "__proto__-7"])(
    "may be %s",
    (id) => {
      expect(orderIdSchema.parse(id)).toBe(id);
    },
  );

  test.each([
    "a",
    "a-",
    "a-0",
    "a-01",
    "-1",
    "a.b-1",
    "a-1 ",
    "a-1\n",
    "a-1000000000",
    `${"a".repeat(65)}-1`,
    "a/b-1",
  ])("may not be %j", (id) => {
    expect(orderIdSchema.safeParse(id).success).toBe(false);
  });
});
