import * as z from "zod";
import { queries } from "../../shared/queries.ts";
import { admitRead, clientAddress, parse } from "../admission/gates.ts";
import type { AppContext } from "../app-types.ts";
import { json } from "./replies.ts";

/** The query's own schema, with numbers read from text. */
const listSchema = queries.auctions.request.extend({
  limit: z.coerce.number().pipe(queries.auctions.request.shape.limit.unwrap()).default(50),
});

/** `GET /v1/auctions?status&format&sort&cursor&limit`. */
export async function listAuctions(c: AppContext): Promise<Response> {
  admitRead(c);
  const request = parse(listSchema, c.req.query());
  // Any link will do: the address spreads the callers over them.
  return json(await c.get("deps").queries(clientAddress(c)).ask("auctions", request));
}
