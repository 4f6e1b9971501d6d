import type { QueryKind, QueryReply, QueryRequest } from "../../shared/queries.ts";
import { CoreError } from "../core-error.ts";
import type { Shard } from "../shards/connect.ts";
import type { Topology } from "../shards/topology.ts";

export interface QueryDeps {
  readonly shards: readonly Shard[];
  readonly topology: Topology;
  /** Takes a place among those who may wait for a version; undefined when there is none. Call the answer to give it back. */
  readonly takeWaitingPlace: () => (() => void) | undefined;
}

/** Answers one kind of query. Throws InvalidQueryError for what the schema could not see, CoreError when it cannot answer now. */
export type QueryHandler<K extends QueryKind> = (
  deps: QueryDeps,
  request: QueryRequest<K>,
) => Promise<QueryReply<K>>;

/** The asker's fault, found only while answering: a cursor that is none of ours. */
export class InvalidQueryError extends Error {
  override readonly name = "InvalidQueryError";
}

/** The shard that answers for an auction. Throws a retryable CoreError while none is known to. */
export function shardFor({ topology }: QueryDeps, auctionId: string): Shard {
  const shard = topology.shardOf(auctionId);
  if (shard === undefined)
    throw new CoreError("no shard has this auction's slot active", { retryable: true });
  return shard;
}
