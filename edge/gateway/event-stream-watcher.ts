import { count } from "../telemetry/counters.ts";
import type { Watcher } from "./broadcaster.ts";
import { createSlowness, STALLED_REASON } from "./slowness.ts";

/** Frames that may wait for a slow reader; after that it gets the newest state instead. */
const MAX_FRAMES_UNSENT = 4;
/** A comment this often tells both ends, and every proxy between them, that the stream lives. */
export const HEARTBEAT_EVERY_MS = 15_000;

/** One client's `text/event-stream`. */
export class EventStreamWatcher implements Watcher {
  sent = 0;
  readonly slowness = createSlowness();
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #encoder = new TextEncoder();
  readonly #closed: (watcher: EventStreamWatcher) => void;
  #unsent = 0;

  constructor(
    writer: WritableStreamDefaultWriter<Uint8Array>,
    closed: (watcher: EventStreamWatcher) => void,
  ) {
    this.#writer = writer;
    this.#closed = closed;
    // The promise fulfils or rejects when the reader goes away; both mean the same here.
    writer.closed.then(
      () => closed(this),
      () => closed(this),
    );
  }

  congested(): boolean {
    return this.#unsent >= MAX_FRAMES_UNSENT;
  }

  send(frame: string, version: number): void {
    const type = frame.startsWith('{"type":"snapshot"') ? "snapshot" : "update";
    this.#write(`id: ${version}\nevent: ${type}\ndata: ${frame}\n\n`);
  }

  /** An event stream has no close code: the response ends, and its reader comes back with `Last-Event-ID`. */
  closeStalled(): void {
    count("watchers_closed_stalled");
    this.#closed(this);
    this.#writer.abort(new Error(STALLED_REASON)).catch(() => {
      // It had ended already, which is all that was wanted.
    });
  }

  heartbeat(): void {
    if (!this.congested()) this.#write(": still here\n\n");
  }

  #write(text: string): void {
    this.#unsent++;
    this.#writer.write(this.#encoder.encode(text)).then(
      () => {
        this.#unsent--;
      },
      () => this.#closed(this),
    );
  }
}
