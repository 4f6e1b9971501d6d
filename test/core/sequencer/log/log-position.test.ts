import { jetstream, type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { systemClock } from "../../../../core/clock.ts";
import { createLog } from "../../../../core/log.ts";
import type { CommandLog } from "../../../../core/sequencer/log/command-log.ts";
import { createJetStreamLog } from "../../../../core/sequencer/log/jetstream-log.ts";
import { checkPosition, type LogPosition, tailOf } from "../../../../core/sequencer/log/log-position.ts";
import { openLog } from "../../../../core/sequencer/log/log-reader.ts";
import { rebasedLog } from "../../../../core/sequencer/log/rebased-log.ts";
import { givenUpKey } from "../../../../core/sequencer/log/streams.ts";
import { slotOf } from "../../../../shared/slots.ts";
import { commandStream, streamOf } from "../../../../shared/subjects.ts";
import { bidCommand, type SequencerCluster, SLOTS, startSequencerCluster, until } from "../cluster.ts";

let cluster: SequencerCluster;
let jsm: JetStreamManager;
let log: CommandLog;
const stream = commandStream(0);
beforeAll(async () => {
  cluster = await startSequencerCluster();
  jsm = await jetstreamManager(cluster.nc);
});
afterAll(() => cluster.close());
beforeEach(async () => {
  await makeAnew();
  log = newLog();
});

/** Knows nothing yet: what a log has found whole, it takes for whole for a moment. */
const newLog = (): CommandLog => createJetStreamLog({ js: jetstream(cluster.nc), jsm });

/** The stream without its messages, as a server makes it that has forgotten them: it says that it is the same. */
async function makeAnew(): Promise<void> {
  const { config } = await jsm.streams.info(stream);
  await jsm.streams.delete(stream);
  await jsm.streams.add({ ...config, metadata: { ...config.metadata, [givenUpKey(slot)]: "0" } });
}

const auctionOn = (slot: number): string => {
  for (let i = 0; ; i++) if (slotOf(`lot-${i}`, SLOTS) === slot) return `lot-${i}`;
};
const [slot = 0, other = 0] = Array.from({ length: SLOTS }, (_, i) => i).filter((i) => streamOf(i, 2) === 0);
const [own, others] = [auctionOn(slot), auctionOn(other)];
const append = (auctionId: string, key: string) => cluster.append(auctionId, [bidCommand("alice", key, 1)]);

const START: LogPosition = { seq: 0, atMs: 0, id: "", streamId: "" };
const at = (seq: number): LogPosition => ({ ...START, seq });

function open(commands: CommandLog, position: LogPosition) {
  const faults: string[] = [];
  const onFault = (reason: string): void => void faults.push(reason);
  const deps = { commands, clock: systemClock, log: createLog({}, () => {}), onFault, onVerified: () => {} };
  return { faults, opening: openLog(deps, { slot, stream, position }) };
}

test("a slot that only followed its stream's tail notices that the log went backwards below it (I13)", async () => {
  for (let i = 0; i < 3; i++) await append(others, `k-${i}`);
  const { faults, opening } = open(log, START);
  const reader = await opening;
  expect((await reader?.emptyUpTo())?.seq).toBe(3);
  await makeAnew();
  await append(own, "reuses-a-sequence");
  // Whichever notices first: the check of the log behind the new consumer, or the reader, which then gives up.
  let given: number | undefined;
  void reader?.next(1).then(
    (messages) => (given = messages.length),
    () => (given = 0),
  );
  await until(() => faults.length > 0 || given !== undefined);
  reader?.close();
  await until(() => given !== undefined);
  expect(given).toBe(0);
  for (const fault of faults) expect(fault).toMatch(/ends at 1, below 3/);
});

test("messages that the stream has lost above a position are a fault there, and none above them (I13)", async () => {
  for (let i = 0; i < 10; i++) await append(others, `k-${i}`);
  for (const seq of [5, 6]) await jsm.streams.deleteMessage(stream, seq);
  const check = (seq: number) => checkPosition(log, { slot, stream }, { ...at(seq), streamId: "" });
  const faults = await Promise.all([0, 4, 5].map(check));
  expect(faults).toEqual([
    { fault: `${stream} has lost what it had from 5 to 6, above 0` },
    expect.objectContaining({ fault: expect.stringMatching(/stamped/) as string }),
    { fault: `${stream} has lost what it had from 6 to 6, above 5` },
  ]);
  expect(await log.firstGap(stream, { slot, afterSeq: 6 })).toBeUndefined();
  await jsm.streams.deleteMessage(stream, 10);
  log = newLog();
  expect(await log.firstGap(stream, { slot, afterSeq: 6 })).toEqual({ fromSeq: 10, toSeq: 10 });
  const { config } = await jsm.streams.info(stream);
  await jsm.streams.update(stream, { metadata: { ...config.metadata, [givenUpKey(slot)]: "10" } });
  expect(await log.firstGap(stream, { slot, afterSeq: 0 })).toBeUndefined();
  expect(await log.firstGap(stream, { slot: other, afterSeq: 0 })).toEqual({ fromSeq: 5, toSeq: 6 });
});

test("with a base, a slot's sequences are its stream's plus the base, whatever asks for them", async () => {
  const rebased = rebasedLog(log, 100);
  expect(await rebased.bounds(stream)).toMatchObject({ firstSeq: 101, lastSeq: 100 });
  expect(await tailOf(rebased, stream)).toBeUndefined();
  const { faults, opening } = open(rebased, at(100));
  const reader = await opening;
  await append(others, "k-0");
  await append(own, "k-1");
  expect((await reader?.next(10))?.map(({ seq }) => seq)).toEqual([102]);
  await append(others, "k-2");
  expect((await reader?.emptyUpTo())?.seq).toBe(103);
  expect((await rebased.message(stream, 102))?.seq).toBe(102);
  await jsm.streams.deleteMessage(stream, 2);
  const gap = await rebasedLog(newLog(), 100).firstGap(stream, { slot, afterSeq: 100 });
  expect(gap).toEqual({ fromSeq: 102, toSeq: 102 });
  expect(faults).toEqual([]);
  reader?.close();
});
