import * as z from "zod";
import { queries, type QueryAnswer, type QueryKind, type QueryRequest } from "../../shared/queries.ts";
import type { Log } from "../log.ts";
import { type QueryDeps, InvalidQueryError } from "./query-handler.ts";
import { queryHandlers } from "./query-handlers.ts";

/** Reads a request and answers it. Never throws: a fault is an answer too, and its cause goes to the log, not to the asker. */
export async function answerQuery<K extends QueryKind>(
  deps: QueryDeps & { readonly log: Log },
  kind: K,
  data: Uint8Array,
): Promise<QueryAnswer<K>> {
  const request = queries[kind].request.safeParse(readJson(data));
  if (!request.success) return { error: { reason: "invalid_query", detail: z.prettifyError(request.error) } };
  try {
    return { ok: await queryHandlers[kind](deps, request.data as QueryRequest<K>) };
  } catch (error) {
    if (error instanceof InvalidQueryError)
      return { error: { reason: "invalid_query", detail: error.message } };
    deps.log.error("a query failed", { kind, error });
    return { error: { reason: "unavailable", detail: "the query could not be answered now" } };
  }
}

/** A body that is no JSON is a body that fits no schema. */
function readJson(data: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(data));
  } catch {
    return undefined;
  }
}
