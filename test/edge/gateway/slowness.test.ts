import { expect, test } from "vitest";
import { EventStreamWatcher } from "../../../edge/gateway/event-stream-watcher.ts";
import { createSlowness, STALLED_AFTER_MS, STALLED_CODE } from "../../../edge/gateway/slowness.ts";
import { CONGESTED_BYTES, MAX_UNSENT_BYTES, SocketWatcher } from "../../../edge/gateway/socket-watcher.ts";

test("a watcher is stalled when it was behind at every look for the whole time", () => {
  const { look } = createSlowness();
  expect(look(true, 0)).toBe("new");
  expect(look(true, STALLED_AFTER_MS - 1)).toBe("behind");
  expect(look(true, STALLED_AFTER_MS)).toBe("stalled");
});

test("a watcher that caught up once in between starts anew", () => {
  const { look } = createSlowness();
  look(true, 0);
  expect(look(false, STALLED_AFTER_MS - 1)).toBe("none");
  expect(look(true, STALLED_AFTER_MS)).toBe("new");
});

/** A socket of which so much is unsent. */
function socketWith(unsent: { bytes: number }) {
  const said: unknown[] = [];
  const socket = {
    readyState: WebSocket.OPEN as number,
    get bufferedAmount() {
      return unsent.bytes;
    },
    send: (frame: string) => said.push(frame),
    close: (code: number) => said.push(code),
  };
  const closing: SocketWatcher[] = [];
  const attachment = { mayBid: true, ip: "1.2.3.4", sent: 0 };
  const watcher = new SocketWatcher(socket as unknown as WebSocket, attachment, (each) => closing.push(each));
  return { watcher, said, closing };
}

test("a socket that sends and never reads is closed before it fills the memory (I12)", () => {
  const unsent = { bytes: CONGESTED_BYTES + 1 };
  const { watcher, said, closing } = socketWith(unsent);
  expect(watcher.congested()).toBe(true);
  watcher.send("an answer");
  unsent.bytes = MAX_UNSENT_BYTES + 1;
  watcher.send("one answer too many");
  expect(said).toEqual(["an answer", STALLED_CODE]);
  expect(closing).toEqual([watcher]);
});

test("an event stream that nobody reads counts as behind, and its end reaches the reader (I12)", async () => {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const gone: EventStreamWatcher[] = [];
  const watcher = new EventStreamWatcher(writable.getWriter(), (closed) => gone.push(closed));
  for (let version = 1; version <= 4; version++) watcher.send('{"type":"update"}', version);
  expect(watcher.congested()).toBe(true);
  watcher.closeStalled();
  expect(gone).toContain(watcher);
  await expect(readable.getReader().read()).rejects.toThrow(/resume/);
});
