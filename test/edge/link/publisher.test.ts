import { beforeEach, expect, test } from "vitest";
import { ACKED, NOT_QUEUED, UNKNOWN } from "../../../edge/link/pipe-protocol.ts";
import {
  createPublisher,
  MAX_BATCH_LENGTH,
  MAX_WAITING_LENGTH,
  MAX_WAITING_MESSAGES,
  type BatchReply,
  type Outgoing,
  type SingleReply,
} from "../../../edge/link/publisher.ts";

let sent: string[];
let heard: string[];
beforeEach(() => {
  sent = [];
  heard = [];
});

const message = (id: string, payload = "{}"): Outgoing => ({
  subject: "commands.1.a",
  id,
  payload,
  settled: (fate, seq) => void heard.push(`${id} ${fate} ${seq}`),
});

/** A stream that answers a batch as told, and numbers what it stores. */
function stream(
  batchReply: "applied" | "refused" | "unknown",
  single: SingleReply["fate"] = ACKED,
  atomic = true,
) {
  let seq = 0;
  return createPublisher({
    atomic: () => atomic,
    single: async ({ id }) => {
      sent.push(id);
      await Promise.resolve();
      return { fate: single, seq: single === ACKED ? ++seq : 0 };
    },
    batch: async (messages): Promise<BatchReply> => {
      sent.push(`[${messages.map(({ id }) => id).join(" ")}]`);
      await Promise.resolve();
      if (batchReply !== "applied") return { fate: batchReply };
      seq += messages.length;
      return { fate: "applied", seq };
    },
  });
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 2));

test("a lonely envelope leaves by itself; those that wait together leave as one atomic batch", async () => {
  const publisher = stream("applied");
  publisher.add(message("a"));
  await settled();
  for (const id of ["b", "c", "d"]) publisher.add(message(id));
  await settled();
  expect(sent).toEqual(["a", "[b c d]"]);
  expect(heard).toEqual([`a ${ACKED} 1`, `b ${ACKED} 2`, `c ${ACKED} 3`, `d ${ACKED} 4`]);
});

test("a batch that was refused is in no stream, so its messages go one by one", async () => {
  const publisher = stream("refused", NOT_QUEUED);
  for (const id of ["a", "b"]) publisher.add(message(id));
  await settled();
  expect(sent).toEqual(["[a b]", "a", "b"]);
  expect(heard).toEqual([`a ${NOT_QUEUED} 0`, `b ${NOT_QUEUED} 0`]);
});

test("after a batch of unknown fate a refused message is still unknown", async () => {
  const publisher = stream("unknown", NOT_QUEUED);
  for (const id of ["a", "b"]) publisher.add(message(id));
  await settled();
  expect(heard).toEqual([`a ${UNKNOWN} 0`, `b ${UNKNOWN} 0`]);
});

test("a server without atomic batches gets single messages", async () => {
  const publisher = stream("applied", ACKED, false);
  for (const id of ["a", "b"]) publisher.add(message(id));
  await settled();
  expect(sent).toEqual(["a", "b"]);
});

test("a stream that does not keep up refuses instead of queueing without end (I12)", async () => {
  const publisher = stream("applied");
  for (let i = 0; i <= MAX_WAITING_MESSAGES; i++) publisher.add(message(`m${i}`));
  expect(heard).toEqual([`m${MAX_WAITING_MESSAGES} ${NOT_QUEUED} 0`]);
  await settled();
});

test("large envelopes fill a batch before their number does", async () => {
  const publisher = stream("applied");
  const large = "x".repeat(MAX_BATCH_LENGTH / 2);
  for (const id of ["a", "b", "c"]) publisher.add(message(id, large));
  await settled();
  expect(sent).toEqual(["[a b]", "c"]);
});

test("envelopes that wait are limited by their size, too (I12)", async () => {
  const publisher = stream("applied");
  for (const id of ["a", "b"]) publisher.add(message(id, "x".repeat(MAX_WAITING_LENGTH)));
  await settled();
  expect(heard).toContain(`b ${NOT_QUEUED} 0`);
  publisher.add(message("c"));
  await settled();
  expect(heard).toContain(`c ${ACKED} 2`);
});
