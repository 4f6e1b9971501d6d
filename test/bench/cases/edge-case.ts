import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import type { BenchStack } from "../bench-stack.ts";
import { runLoad } from "../child.ts";
import { AUCTION_LIFE_MS, benchTerms } from "../envelopes.ts";
import { type CaseFigures, rounded, roundedOrNull } from "../figures.ts";
import {
  type BidLoadReport,
  bidLoadReportSchema,
  type LoadBidder,
  type LoadShape,
} from "../load/bid-load.ts";
import { openRecords, type Records } from "../records.ts";
import type { StackCase, StackContext } from "./case.ts";

/** Enough for the JIT compilers of workerd, Bun and the generator to have seen the hot code many times. */
const WARM_UP_SECONDS = 3;

/** Outcomes that are later than this are lost. */
const DRAIN_SECONDS = 5;

/** Everything around the measurement: tokens, auctions, sockets, counting the rows. */
const AROUND_SECONDS = 120;

const CREATES_AT_ONCE = 16;

/** A benchmark that comes in through the edge, as clients do. */
export interface EdgeCase extends Pick<StackCase, "name" | "about" | "bars"> {
  readonly script: "websocket-load.ts" | "http-load.ts";
  /** Bidders are dealt to the auctions in turn. */
  readonly auctions: number;
  readonly bidders: number;
  readonly shape: LoadShape;
}

export function edgeCase(plan: EdgeCase): StackCase {
  return {
    name: plan.name,
    about: plan.about,
    bars: plan.bars,
    needs: "edge",
    limitSeconds: ({ seconds }) => WARM_UP_SECONDS + seconds + DRAIN_SECONDS + AROUND_SECONDS,
    run: (context) => runEdgeCase(plan, context),
  };
}

async function runEdgeCase(plan: EdgeCase, context: StackContext): Promise<CaseFigures> {
  const { stack, options, progress, signal } = context;
  await stack.ensureCore();
  progress(`opening ${plan.auctions} auction${plan.auctions === 1 ? "" : "s"} for ${plan.bidders} bidders`);
  const auctionIds = await openAuctions(plan, stack);
  const bidders = await Promise.all(
    Array.from({ length: plan.bidders }, (_, i) => newBidder(plan, stack, { auctionIds, i })),
  );
  progress(`bidding: ${WARM_UP_SECONDS} s of warm-up, ${options.seconds} s measured`);
  const report = await runLoad(
    {
      script: plan.script,
      job: {
        edgeUrl: stack.edgeUrl,
        bidders,
        shape: plan.shape,
        warmUpSeconds: WARM_UP_SECONDS,
        measureSeconds: options.seconds,
        drainSeconds: DRAIN_SECONDS,
      },
      report: bidLoadReportSchema,
    },
    signal,
  );
  progress("comparing with what Postgres has");
  const records = openRecords(stack.shardUrls);
  try {
    return figuresOf(report, await compare(records, { auctionIds, report }));
  } finally {
    await records.close();
  }
}

async function openAuctions(plan: EdgeCase, stack: BenchStack): Promise<string[]> {
  const token = await stack.token(`seller-${plan.name}`, "seller");
  const ids: string[] = [];
  for (let made = 0; made < plan.auctions; made += CREATES_AT_ONCE) {
    const some = Array.from(
      { length: Math.min(CREATES_AT_ONCE, plan.auctions - made) },
      (_, i) => `lot-${made + i}`,
    );
    ids.push(...(await Promise.all(some.map((key) => openAuction(stack.edgeUrl, { token, key })))));
  }
  return ids;
}

const createdSchema = z.looseObject({ id: z.string() });

async function openAuction(edgeUrl: string, { token, key }: { token: string; key: string }): Promise<string> {
  const response = await fetch(`${edgeUrl}/v1/auctions`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json", "idempotency-key": key },
    body: JSON.stringify(benchTerms(Date.now() + AUCTION_LIFE_MS)),
  });
  const body = await response.text();
  if (response.status !== 201)
    throw new Error(`an auction could not be opened: ${response.status} ${body.slice(0, 300)}`);
  return createdSchema.parse(JSON.parse(body)).id;
}

async function newBidder(
  plan: EdgeCase,
  stack: BenchStack,
  place: { auctionIds: readonly string[]; i: number },
): Promise<LoadBidder> {
  const bidderId = `${plan.name}-bidder-${place.i}`;
  const auctionId = place.auctionIds[place.i % place.auctionIds.length] ?? "";
  return { bidderId, auctionId, token: await stack.token(bidderId, "bidder") };
}

interface Comparison {
  /** Acknowledged, and not in Postgres. */
  readonly missing: number;
  readonly duplicates: number;
}

/** Bidder by bidder: the bids that were acknowledged against the different bids that the shards hold. */
async function compare(
  records: Records,
  seen: { auctionIds: readonly string[]; report: BidLoadReport },
): Promise<Comparison> {
  // A bid that was only queued when its bidder was answered has a moment more to be decided.
  if (seen.report.pending > 0) await sleep(1_000);
  const onRecord = await records.bidsByBidder(seen.auctionIds);
  let missing = 0;
  for (const [bidder, acknowledged] of Object.entries(seen.report.acknowledgedByBidder)) {
    missing += Math.max(0, acknowledged - (onRecord.get(bidder)?.distinct ?? 0));
  }
  let duplicates = 0;
  for (const { rows, distinct } of onRecord.values()) duplicates += rows - distinct;
  return { missing, duplicates };
}

function figuresOf(report: BidLoadReport, { missing, duplicates }: Comparison): CaseFigures {
  return {
    rate: rounded(report.measured / report.measuredSeconds),
    p50_ms: roundedOrNull(report.p50Ms),
    p99_ms: roundedOrNull(report.p99Ms),
    lost: report.unanswered + missing,
    max_ms: roundedOrNull(report.maxMs),
    send_lag_p99_ms: roundedOrNull(report.sendLagP99Ms),
    sent: report.sent,
    accepted: report.accepted,
    too_low: report.tooLow,
    pending: report.pending,
    unanswered: report.unanswered,
    missing,
    duplicates,
    closed_connections: report.closedConnections,
    updates: report.updates,
    generator_cpu_share: rounded(report.cpuShare),
    refused: report.refused,
    unexpected: report.unexpected,
    failures: report.failures,
  };
}
