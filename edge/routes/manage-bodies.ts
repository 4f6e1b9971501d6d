import * as z from "zod";
import { idSchema } from "../../shared/ids.ts";
import { manageBodySchema } from "../../shared/manage.ts";

const [cancel, , changeEnd, block, , , confirm] = manageBodySchema.options;

/** Bodies over HTTP: what the path says already is not in them. */

export const reasonBodySchema = cancel.omit({ action: true });

export const changeEndBodySchema = changeEnd.omit({ action: true });

/** A bidder by the id, or by one of the bids: an operator who looks at a history knows only aliases. */
export const blockBodySchema = z
  .strictObject({
    bidderId: block.shape.bidderId.optional(),
    bidId: idSchema.optional(),
    reason: block.shape.reason,
  })
  .refine(({ bidderId, bidId }) => (bidderId === undefined) !== (bidId === undefined), {
    path: ["bidderId"],
    message: "give either bidderId or bidId",
  });

/** Confirming, releasing and passing on need no reason. */
export const orderBodySchema = confirm.omit({ action: true, orderId: true });
