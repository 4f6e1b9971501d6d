import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../../../../core/clock.ts";
import { createLog } from "../../../../core/log.ts";
import { createJetStreamLog } from "../../../../core/sequencer/log/jetstream-log.ts";
import { type LogReader, openLog } from "../../../../core/sequencer/log/log-reader.ts";
import { slotOf } from "../../../../shared/slots.ts";
import { commandStream, streamOf } from "../../../../shared/subjects.ts";
import { bidCommand, type SequencerCluster, SLOTS, startSequencerCluster } from "../cluster.ts";

let cluster: SequencerCluster;
beforeAll(async () => {
  cluster = await startSequencerCluster();
});
afterAll(() => cluster.close());

const AUCTION = "a-lot";
const slot = slotOf(AUCTION, SLOTS);
const stream = commandStream(streamOf(slot, 2));

async function open(): Promise<LogReader> {
  const commands = createJetStreamLog({
    js: jetstream(cluster.nc),
    jsm: await jetstreamManager(cluster.nc),
  });
  const onFault = (reason: string): never => {
    throw new Error(reason);
  };
  const deps = {
    commands,
    clock: systemClock,
    log: createLog({}, () => {}),
    onFault,
    onVerified: () => {},
  };
  const position = { seq: 0, atMs: 0, id: "", streamId: "" };
  const reader = await openLog(deps, { slot, stream, position });
  if (reader === undefined) throw new Error("the log did not open");
  return reader;
}

test("a reader gives every message once and in order, and nothing more once it is closed, however much was under way (I1)", async () => {
  const messages = 1_500;
  const sent = Array.from({ length: messages }, (_, i) =>
    cluster.append(AUCTION, [bidCommand("alice", `k-${i}`, 1)]),
  );
  await Promise.all(sent);

  const whole = await open();
  const seen: number[] = [];
  while (seen.length < messages) seen.push(...(await whole.next(100)).map(({ seq }) => seq));
  expect(seen).toEqual(Array.from({ length: messages }, (_, i) => i + 1));
  whole.close();

  const closed = await open();
  expect(await closed.next(10)).not.toEqual([]);
  await new Promise((resolve) => setTimeout(resolve, 200));
  closed.close();
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(await closed.next(10)).toEqual([]);
});
