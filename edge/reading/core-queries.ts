import type { QueryAnswer, QueryKind, QueryReply, QueryRequest } from "../../shared/queries.ts";

/** The core could not be asked, or did not answer: 503, try again. */
export class CoreUnavailableError extends Error {
  override readonly name = "CoreUnavailableError";
}

/** The core does not understand the question, for instance a cursor that it never gave. */
export class InvalidQueryError extends Error {
  override readonly name = "InvalidQueryError";
}

export interface CoreQueries {
  ask<K extends QueryKind>(kind: K, request: QueryRequest<K>): Promise<QueryReply<K>>;
}

/** Asks the core through a link. Its answers are its own contract and are trusted; what it refuses is thrown. */
export function createCoreQueries(query: (kind: string, request: string) => Promise<string>): CoreQueries {
  return {
    async ask<K extends QueryKind>(kind: K, request: QueryRequest<K>) {
      let text: string;
      try {
        text = await query(kind, JSON.stringify(request));
      } catch (error) {
        throw new CoreUnavailableError("the link cannot be reached", { cause: error });
      }
      const answer = JSON.parse(text) as QueryAnswer<K>;
      if ("ok" in answer) return answer.ok;
      const { reason, detail } = answer.error;
      throw reason === "invalid_query" ? new InvalidQueryError(detail) : new CoreUnavailableError(detail);
    },
  };
}
