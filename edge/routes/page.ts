import * as z from "zod";
import { MAX_PAGE, queries } from "../../shared/queries.ts";

/** Where a page of any list begins and how long it is, as a URL says it. */
export const pageSchema = z.strictObject({
  cursor: queries.auctions.request.shape.cursor,
  limit: z.coerce.number().pipe(z.int().min(1).max(MAX_PAGE)).default(50),
});
