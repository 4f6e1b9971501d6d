import { auctionIdParam } from "../admission/gates.ts";
import type { AppContext } from "../app-types.ts";
import { changeEndBodySchema, reasonBodySchema } from "./manage-bodies.ts";
import { postManagement, RUNNERS } from "./manage.ts";

/** `POST /v1/auctions/:id/cancel`: calls the auction off. */
export function postCancel(c: AppContext): Promise<Response> {
  return postReasoned(c, "cancel");
}

/** `POST /v1/auctions/:id/end`: ends it now, as its end would have. */
export function postEnd(c: AppContext): Promise<Response> {
  return postReasoned(c, "end");
}

/** `POST /v1/auctions/:id/change-end`: another end, before the first bid. */
export function postChangeEnd(c: AppContext): Promise<Response> {
  return postManagement(c, {
    roles: RUNNERS,
    schema: changeEndBodySchema,
    auctionId: () => auctionIdParam(c),
    body: ({ endsAt, reason }) => ({ action: "change_end", endsAt, reason }),
    showsAuction: true,
  });
}

function postReasoned(c: AppContext, action: "cancel" | "end"): Promise<Response> {
  return postManagement(c, {
    roles: RUNNERS,
    schema: reasonBodySchema,
    auctionId: () => auctionIdParam(c),
    body: ({ reason }) => ({ action, reason }),
    showsAuction: true,
  });
}
