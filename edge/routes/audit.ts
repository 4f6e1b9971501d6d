import { admitRead, auctionIdParam } from "../admission/gates.ts";
import type { AppContext } from "../app-types.ts";
import { ProblemError } from "../problem.ts";
import { type CoreQueries, CoreUnavailableError } from "../reading/core-queries.ts";
import type { QueryReply } from "../../shared/queries.ts";

type Page = NonNullable<QueryReply<"audit">>;

/** Tries at one page: a core that hands its slots over is gone for less than this takes, and the pages before need not be sent again. */
const MAX_TRIES = 4;
const PAUSE_MS = 500;

/**
 * `GET /v1/auctions/:id/audit`, as NDJSON. Page after page, each asked for when the reader has taken the one before, so that
 * neither side ever holds more than one. A file that breaks off has no head, and its connection ends in an error.
 */
export async function getAudit(c: AppContext): Promise<Response> {
  admitRead(c);
  const auctionId = auctionIdParam(c);
  const queries = c.get("deps").queries(auctionId);
  const first = await queries.ask("audit", { auctionId });
  if (first === null) throw new ProblemError("auction_not_found");
  const headers = {
    "content-type": "application/x-ndjson; charset=utf-8",
    "content-disposition": `attachment; filename="audit-${auctionId}.ndjson"`,
    "cache-control": "no-store",
  };
  return new Response(
    linesOf(first, (cursor) => nextPage(queries, { auctionId, cursor })),
    { headers },
  );
}

function linesOf(first: Page, next: (cursor: string) => Promise<Page>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let page: Page | undefined = first;
  return new ReadableStream({
    async pull(controller) {
      if (page === undefined) return controller.close();
      const { text, nextCursor } = page;
      controller.enqueue(encoder.encode(text));
      page = nextCursor === undefined ? undefined : await next(nextCursor);
    },
  });
}

async function nextPage(queries: CoreQueries, request: { auctionId: string; cursor: string }): Promise<Page> {
  for (let tries = 1; ; tries++) {
    try {
      const page = await queries.ask("audit", request);
      if (page === null) throw new Error(`auction ${request.auctionId} is gone`);
      return page;
    } catch (error) {
      if (!(error instanceof CoreUnavailableError) || tries >= MAX_TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}
