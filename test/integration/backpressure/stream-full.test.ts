import { readFile } from "node:fs/promises";
import path from "node:path";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "nats";
import postgres from "postgres";
import { expect, test } from "vitest";
import { slotOf, DEFAULT_SLOTS } from "../../../shared/slots.ts";
import { commandStream, DEFAULT_STREAMS, streamOf } from "../../../shared/subjects.ts";
import { createAuction, edgeOf, placeBid, tokenFor } from "../../support/client.ts";
import { readLog } from "../../support/log-tape.ts";
import { useStack } from "../../support/stack.ts";
import { sendCrowd, type Crowd } from "./crowd.ts";
import { edgeCounter } from "./edge-counter.ts";
import { eventually } from "../../support/eventually.ts";
import { bidName, expectNothingLost } from "./expect-nothing-lost.ts";
import { report } from "./latencies.ts";

/** Full after some thousand bids. */
const MAX_BYTES = 400_000;
/** Auctions that share the stream, so that their envelopes leave as atomic batches. */
const LOTS = 5;

const stack = useStack({ coreEnv: { LASTCALL_STREAM_MAX_BYTES: String(MAX_BYTES) } });

const streamOfAuction = (auctionId: string): number =>
  streamOf(slotOf(auctionId, DEFAULT_SLOTS), DEFAULT_STREAMS);

test("a full stream refuses with a reason, the other stream goes on, and with room it takes bids by itself (I1, I12)", async () => {
  const edge = edgeOf(stack());
  const token = await tokenFor(edge, "alice", "bidder");
  const lots: string[] = [];
  let elsewhere: string | undefined;
  while (lots.length < LOTS || elsewhere === undefined) {
    const { id } = await createAuction(edge);
    if (streamOfAuction(id) === 1) elsewhere = id;
    else lots.push(id);
  }
  const [lot = ""] = lots;

  const crowds: Crowd[] = [];
  for (let round = 0; round < 20 && !crowds.some((crowd) => crowd.refused.length > 0); round++) {
    const name = `round-${round}`;
    const sending = lots.map((id) => sendCrowd(edge, id, { name, bidders: 2, bidsEach: 50 }));
    const sent = await Promise.all(sending);
    crowds.push(...sent);
    for (const crowd of sent) expect(await crowd.answered(15_000)).toBe(true);
  }
  const refusals = crowds.flatMap(({ refused }) => refused);
  report("a stream at max_bytes", {
    sent: crowds.reduce((sum, { sent }) => sum + sent, 0),
    refused: refusals.length,
  });
  expect(refusals.length).toBeGreaterThan(0);
  for (const refusal of refusals)
    expect(refusal).toMatchObject({ reason: "not_queued", queued: false, retryAfterMs: expect.any(Number) });

  // A small bid may still find a gap; a stream that is full stays full.
  const refused = await eventually(
    () => placeBid(edge, lot, { token, amount: 900_000 }),
    ({ status }) => status === 503,
  );
  expect(refused).toMatchObject({ status: 503, body: { reason: "not_queued", queued: false } });
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(await placeBid(edge, elsewhere, { token, amount: 1_000 })).toMatchObject({ status: 201 });

  expect(await edgeCounter(edge, "envelopes_refused_stream_full")).toBeGreaterThan(0);
  expect(await readFile(path.join(stack().data, "logs", "edge.log"), "utf8")).toMatch(
    /a stream refuses envelopes.*COMMANDS-0.*maximum bytes exceeded/,
  );
  const fill = await eventually(
    () => fillOf(stack().info.metrics),
    (value) => value > 0.9,
  );
  expect(fill).toBeGreaterThan(0.9);

  const purged = await readLog(stack().info.nats);
  await purgeApplied(stack().info, 0);
  const again = await eventually(
    () => placeBid(edge, lot, { token, amount: 990_000, key: "again" }),
    ({ status }) => status < 500,
  );
  expect(again).toMatchObject({ status: 201, body: { outcome: "accepted" } });

  const told = crowds.flatMap(({ told }) => told);
  const logged = await expectNothingLost(stack().info, { auctionIds: [...lots, elsewhere], told, purged });
  expect(
    refusals.filter((refusal) => logged.has(bidName(refusal))),
    "said to be in no stream",
  ).toEqual([]);
  expect(logged.has(bidName({ auctionId: lot, bidderId: "alice", key: "again" }))).toBe(true);
  for (const crowd of crowds) crowd.close();
});

async function fillOf(metrics: string | null): Promise<number> {
  const text = await (await fetch(`${metrics}/metrics`)).text();
  return Number(
    /lastcall_stream_fill_ratio\{[^}]*stream="COMMANDS-0"[^}]*\} ([\d.e-]+)/.exec(text)?.[1] ?? 0,
  );
}

/** Deletes what every slot of the stream has committed, as an operator would. */
async function purgeApplied(
  info: { nats: string; shards: readonly string[] },
  stream: number,
): Promise<void> {
  const nc = await connect({ servers: info.nats });
  try {
    const jsm = await jetstreamManager(nc);
    const { state } = await jsm.streams.info(commandStream(stream));
    // Idle slots follow the stream's tail every few seconds.
    const lowest = await eventually(
      () => lowestApplied(info.shards, stream),
      (seq) => seq >= state.last_seq,
    );
    await jsm.streams.purge(commandStream(stream), { seq: lowest });
  } finally {
    await nc.close();
  }
}

async function lowestApplied(shards: readonly string[], stream: number): Promise<number> {
  const applied: number[] = [];
  for (const url of shards) {
    const sql = postgres(url, { max: 1 });
    const rows = await sql<
      { slot: number; seq: string }[]
    >`select slot, applied_seq as seq from slots where role = 'active'`;
    for (const { slot, seq } of rows)
      if (streamOf(slot, DEFAULT_STREAMS) === stream) applied.push(Number(seq));
    await sql.end();
  }
  return Math.min(...applied);
}
