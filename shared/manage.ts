import * as z from "zod";
import { idSchema } from "./ids.ts";
import { momentSchema, textSchema } from "./terms.ts";

/** Why it was done, for the audit. */
const reasonSchema = textSchema(500);

/** An order's id: its auction's, a dash and its number, so that it names its auction by itself. */
export const orderIdSchema = z.string().regex(/^[A-Za-z0-9_-]{1,64}-[1-9][0-9]{0,8}$/, "is no order id");

/**
 * What can be asked of an auction beside a bid. `cancel`, `end` and `change_end` are its owner's and the operators';
 * `block`, `unblock`, `retract` and `expire` the operators'; an order is confirmed or passed on by owner or operator, and
 * released by its buyer too.
 */
export const manageBodySchema = z.discriminatedUnion("action", [
  z.strictObject({ action: z.literal("cancel"), reason: reasonSchema }),
  z.strictObject({ action: z.literal("end"), reason: reasonSchema }),
  z.strictObject({ action: z.literal("change_end"), endsAt: momentSchema, reason: reasonSchema }),
  z.strictObject({ action: z.literal("block"), bidderId: idSchema, reason: reasonSchema }),
  z.strictObject({ action: z.literal("unblock"), bidderId: idSchema, reason: reasonSchema }),
  /** `bidId` is the bid that gave cause; every bid of its bidder on this auction is withdrawn. */
  z.strictObject({
    action: z.literal("retract"),
    bidId: z.string().max(64),
    bidderId: idSchema,
    reason: reasonSchema,
  }),
  z.strictObject({
    action: z.literal("confirm"),
    orderId: orderIdSchema,
    reason: reasonSchema.optional(),
  }),
  z.strictObject({
    action: z.literal("release"),
    orderId: orderIdSchema,
    reason: reasonSchema.optional(),
  }),
  z.strictObject({ action: z.literal("expire"), orderId: orderIdSchema, reason: reasonSchema }),
  /** Offers the lot to the runner-up, after this order was released or has expired. */
  z.strictObject({
    action: z.literal("second_chance"),
    orderId: orderIdSchema,
    reason: reasonSchema.optional(),
  }),
]);

export type ManageBody = z.infer<typeof manageBodySchema>;
export type ManageAction = ManageBody["action"];
