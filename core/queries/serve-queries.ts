import type { Msg, NatsConnection, Subscription } from "nats";
import { queries, type QueryAnswer, type QueryKind } from "../../shared/queries.ts";
import { QUERY_QUEUE, querySubject } from "../../shared/subjects.ts";
import { type Log, withoutRepeats } from "../log.ts";
import type { Shard } from "../shards/connect.ts";
import type { Topology } from "../shards/topology.ts";
import type { CoreMetrics } from "../telemetry.ts";
import { answerQuery } from "./answer-query.ts";
import type { QueryDeps } from "./query-handler.ts";

export interface QueryServerDeps {
  readonly nc: NatsConnection;
  readonly shards: readonly Shard[];
  readonly topology: Topology;
  readonly metrics: CoreMetrics;
  readonly log: Log;
}

export interface QueryServer {
  /** Takes no further requests and answers those at work, within a deadline. */
  close(): Promise<void>;
}

/**
 * Queries at work at once on one shard. Its few connections answer some thousands a second, so this is a queue of some
 * tens of milliseconds; above it an honest "unavailable" now beats an answer after the asker's deadline. Each shard has its
 * own places, as have queries over all shards: one that hangs keeps its own, and the others are asked as ever.
 */
const MAX_AT_WORK = 128;
/** Of all those, the ones that only wait for a version: they cost little, but must not take every place. */
const MAX_WAITING = 64;
/** A shard that is down fails every query of its auctions; one line a second says it as well as hundreds. */
const LOG_EVERY_MS = 1_000;
/** Longer than any query that waits for a version. */
const CLOSE_TIMEOUT_MS = 1_500;

/** Answers the edge's queries over NATS, sharing them with the other instances. */
export function serveQueries(deps: QueryServerDeps): QueryServer {
  const { nc } = deps;
  const log = withoutRepeats(deps.log, LOG_EVERY_MS);
  const atWork = new Set<Promise<void>>();
  const busy = new Map<number, number>();
  const context = { ...deps, log, takeWaitingPlace: places(MAX_WAITING) };

  const serve = (kind: QueryKind): Subscription =>
    nc.subscribe(querySubject(kind), {
      queue: QUERY_QUEUE,
      callback(error, message) {
        if (error !== null) return log.error("a query subscription failed", { kind, error });
        if (message.reply === undefined || message.reply === "") return;
        const shard = shardAsked(deps.topology, message);
        const others = busy.get(shard) ?? 0;
        if (others >= MAX_AT_WORK) return respond(message, BUSY, log);
        busy.set(shard, others + 1);
        const work = answerOne(context, kind, message).finally(() => {
          atWork.delete(work);
          busy.set(shard, (busy.get(shard) ?? 1) - 1);
        });
        atWork.add(work);
      },
    });
  const subscriptions = (Object.keys(queries) as QueryKind[]).map(serve);

  return {
    async close() {
      if (!nc.isClosed()) await Promise.all(subscriptions.map((subscription) => subscription.drain()));
      const expired = new Promise<void>((resolve) => setTimeout(resolve, CLOSE_TIMEOUT_MS).unref());
      await Promise.race([Promise.all(atWork), expired]);
    },
  };
}

const AUCTION_ASKED = /"auctionId":"([A-Za-z0-9_-]{1,64})"/;
/** Stands for a query over all shards, and for one that names no auction of a known shard. */
const NO_ONE_SHARD = -1;

/** Only whose place is taken hangs on it, so that the question needs no parsing before it has one. */
function shardAsked(topology: Topology, message: Msg): number {
  const auctionId = AUCTION_ASKED.exec(message.string())?.[1];
  return (auctionId === undefined ? undefined : topology.shardOf(auctionId)?.number) ?? NO_ONE_SHARD;
}

const BUSY: QueryAnswer<QueryKind> = { error: { reason: "unavailable", detail: "too many queries at once" } };

/** Never rejects: what goes wrong is the answer. */
async function answerOne(deps: QueryDeps & QueryServerDeps, kind: QueryKind, message: Msg): Promise<void> {
  const startMs = performance.now();
  const answer = await answerQuery(deps, kind, message.data);
  respond(message, answer, deps.log);
  const outcome = "error" in answer ? answer.error.reason : "ok";
  deps.metrics.queries.record((performance.now() - startMs) / 1_000, { kind, outcome });
}

function respond(message: Msg, answer: QueryAnswer<QueryKind>, log: Log): void {
  try {
    message.respond(JSON.stringify(answer));
  } catch (error) {
    // The connection is closing; the asker's timeout says so.
    log.warn("a query went without an answer", { subject: message.subject, error });
  }
}

/** Hands out at most `count` places at a time. */
function places(count: number): QueryDeps["takeWaitingPlace"] {
  let taken = 0;
  return () => {
    if (taken >= count) return undefined;
    taken++;
    return () => {
      taken--;
    };
  };
}
