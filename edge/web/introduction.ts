import type { Tag } from "./operation.ts";

/** What somebody who has never seen Lastcall needs to start; in the small Markdown that `docs-text.ts` renders. */
export const introduction = `
Lastcall runs auctions (english, dutch, sealed) and limited-edition drops. Every command goes into one durable log, whose order and clock decide who was first, who was late, and what a price was.

**Start.** On a machine with Node, \`npm start\` brings everything up and prints the edge's address; \`npm run -s token -- --sub alice --role bidder\` makes a token for it. Give it as \`Authorization: Bearer <token>\`. Everybody may read; roles are \`bidder\`, \`seller\` and \`operator\`.

**Money** is a whole number of the currency's minor unit: \`1250\` is 12.50 EUR, or 1250 JPY. **Time** is milliseconds since the epoch, by the log's clock.

**Bidding.** A 201 or a 409 is final: what it says is committed, and survives a power cut. A 202 means that the log has it and the decision is still to come. A 503 \`not_queued\` is safe to forget; after \`outcome_unknown\`, or no answer at all, send the same again with the same \`Idempotency-Key\`: you get the first outcome, however often you ask.

**Errors** are \`application/problem+json\` (RFC 9457). Branch on \`reason\`, which is stable; its \`type\` is where the reason is explained. A refusal that the log decided carries everything that was decided, such as \`minimumBid\`.

**Limits.** Each user has a bucket of calls for bids, one for new auctions and one for everything else that is written; \`RateLimit\` says what is left, a 429 says \`Retry-After\`. Bodies and frames have at most 4 KB.
`.trim();

export const tags: { name: Tag; description: string }[] = [
  { name: "Auctions", description: "Selling things, and finding them." },
  {
    name: "Bids",
    description: "One call for all formats; the auction's format says which fields a bid has.",
  },
  { name: "Live", description: "The feed of one auction, with bidding on the same socket." },
  {
    name: "Orders",
    description:
      "What has been sold: a close with a winner, a buy-now, a dutch buy and a drop's claim each place an order, `pending` until it is `confirmed`, `released` or `expired`.",
  },
  {
    name: "Operations",
    description:
      "What sellers and operators do to an auction. All of it goes through the log, with a reason.",
  },
  { name: "Service", description: "The edge itself." },
];
