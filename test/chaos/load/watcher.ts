import { LIVE_PROTOCOL } from "../../../shared/frames.ts";
import type { FeedFrame } from "../told.ts";
import { type Knowledge, learn } from "./knowledge.ts";
import { type LoadContext, type Notebook, sleep } from "./load-context.ts";
import { RETRY_EVERY_MS } from "./pursuit.ts";

/** A connection that has not opened by then is given up. */
const OPEN_TIMEOUT_MS = 10_000;

/** How long a watcher stays before it leaves by itself and resumes, least and most. */
const STAY_MS = [2_000, 8_000] as const;

/** A frame that has not come within this time after the last bid's outcome is not coming. */
const CATCH_UP_MS = 15_000;

export interface Watcher {
  /** Waits for the feed to reach a version, then leaves. */
  leaveAt(version: number): Promise<void>;
}

export interface WatcherOptions {
  readonly auctionId: string;
  readonly notebook: Notebook;
  readonly knowledge: Knowledge;
}

/** Watches an auction's feed without a token, resumes where it was after every loss, and writes every frame down. */
export function watch(context: LoadContext, options: WatcherOptions): Watcher {
  const { auctionId, notebook, knowledge } = options;
  const base = `${context.job.edgeUrl.replace(/^http/, "ws")}/v1/auctions/${auctionId}/live`;
  let reached = 0;
  let connections = 0;
  let leaving = false;
  let current: WebSocket | undefined;

  const connect = (): Promise<void> =>
    new Promise((resolve) => {
      const connection = `watcher-${++connections}`;
      const since = reached;
      let first = true;
      const socket = new WebSocket(since === 0 ? base : `${base}?since=${since}`, [LIVE_PROTOCOL]);
      current = socket;
      const slow = setTimeout(() => first && socket.close(), OPEN_TIMEOUT_MS);
      const bored = setTimeout(() => socket.close(), context.random.int(...STAY_MS));
      socket.addEventListener("message", ({ data }) => {
        const frame = JSON.parse(String(data)) as FeedFrame;
        if (frame.type !== "snapshot" && frame.type !== "update") return;
        const asked = first && since > 0 ? { since } : {};
        first = false;
        reached = frame.version;
        learn(knowledge, frame);
        notebook.feed({ watched: { connection, ...asked, gotMs: Date.now(), frame } });
      });
      socket.addEventListener("error", () => {});
      socket.addEventListener("close", () => {
        clearTimeout(slow);
        clearTimeout(bored);
        resolve();
      });
    });

  const watching = (async () => {
    while (!leaving) {
      await connect();
      if (!leaving) await sleep(context.random.int(10, RETRY_EVERY_MS));
    }
  })();

  return {
    async leaveAt(wanted) {
      const deadlineMs = Date.now() + CATCH_UP_MS;
      while (reached < wanted && Date.now() < deadlineMs) await sleep(50);
      leaving = true;
      current?.close();
      // A socket whose other end is stopped may take long to say that it is closed.
      await Promise.race([watching, sleep(2_000)]);
      notebook.feed({ end: { reached, wanted } });
    },
  };
}
