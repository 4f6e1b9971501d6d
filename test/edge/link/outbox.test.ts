import { expect, test } from "vitest";
import { createOutbox } from "../../../edge/link/outbox.ts";
import {
  MAX_FRAMES_UNDERWAY,
  MAX_LINES_WAITING,
  MAX_WAITING_LENGTH,
  RESYNC,
} from "../../../edge/link/pipe-protocol.ts";

test("lines that wait together leave as one frame, in order", () => {
  const outbox = createOutbox();
  outbox.add("a");
  outbox.add("b");
  expect(outbox.take()).toBe("a\nb");
  expect(outbox.take()).toBeUndefined();
});

test("a gateway that does not return credit gets no more frames until it does", () => {
  const outbox = createOutbox();
  for (let i = 0; i < MAX_FRAMES_UNDERWAY; i++) {
    outbox.add("x");
    outbox.take();
  }
  outbox.add("y");
  expect(outbox.take()).toBeUndefined();
  outbox.credit(1);
  expect(outbox.take()).toBe("y");
});

test("one that overflows forgets its lines and tells the gateway to fetch what it missed", () => {
  const outbox = createOutbox();
  for (let i = 0; i <= MAX_LINES_WAITING; i++) outbox.add(`line ${i}`);
  expect(outbox.take()).toBe(`${RESYNC}\nline ${MAX_LINES_WAITING}`);
});

test("few long lines overflow as many short ones do", () => {
  const outbox = createOutbox();
  outbox.add("x".repeat(MAX_WAITING_LENGTH));
  outbox.add("the newest");
  expect(outbox.take()).toBe(`${RESYNC}\nthe newest`);
});
