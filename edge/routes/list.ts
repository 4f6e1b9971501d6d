import { queries } from "../../shared/queries.ts";
import { admitRead, clientAddress, parse } from "../admission/gates.ts";
import type { AppContext } from "../app-types.ts";
import { pageSchema } from "./page.ts";
import { json } from "./replies.ts";

const { status, format, sort } = queries.auctions.request.shape;
export const listSchema = pageSchema.extend({ status, format, sort });

/** `GET /v1/auctions?status&format&sort&cursor&limit`. */
export async function listAuctions(c: AppContext): Promise<Response> {
  admitRead(c);
  const request = parse(listSchema, c.req.query());
  // Any link will do: the address spreads the callers over them.
  return json(await c.get("deps").queries(clientAddress(c)).ask("auctions", request));
}
