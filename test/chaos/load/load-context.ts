import { createWriteStream, mkdirSync, type WriteStream } from "node:fs";
import path from "node:path";
import { seeded, type Random } from "../random.ts";
import { feedFile, type FeedLine, toldFile, type ToldCommand } from "../told.ts";
import type { LoadFigures, LoadJob } from "./load-job.ts";

export type Figures = { -readonly [K in keyof LoadFigures]: LoadFigures[K] };

/** What all clients of the load share. */
export interface LoadContext {
  readonly job: LoadJob;
  readonly random: Random;
  readonly figures: Figures;
  /** No new bids from now on. */
  stopping: boolean;
  /** Clients give up asking; infinite until the load stops. */
  giveUpAtMs: number;
}

export function newLoadContext(job: LoadJob): LoadContext {
  mkdirSync(job.folder, { recursive: true });
  return {
    job,
    random: seeded(job.seed, "load"),
    figures: {
      bids: 0,
      acknowledged: 0,
      decided: 0,
      accepted: 0,
      refused: 0,
      retries: 0,
      open: 0,
      auctions: 0,
      retired: [],
      socketsLost: 0,
      silent: 0,
      answers: {},
      ended: false,
    },
    stopping: false,
    giveUpAtMs: Number.POSITIVE_INFINITY,
  };
}

/** The files of one auction. */
export interface Notebook {
  told(command: ToldCommand): void;
  feed(line: FeedLine): void;
  close(): Promise<void>;
}

export function openNotebook(folder: string, auctionId: string): Notebook {
  const told = createWriteStream(path.join(folder, toldFile(auctionId)));
  const feed = createWriteStream(path.join(folder, feedFile(auctionId)));
  const ended = (stream: WriteStream): Promise<void> =>
    new Promise((resolve, reject) => {
      stream.once("error", reject);
      stream.end(resolve);
    });
  return {
    told: (command) => void told.write(`${JSON.stringify(command)}\n`),
    feed: (line) => void feed.write(`${JSON.stringify(line)}\n`),
    close: () => Promise.all([ended(told), ended(feed)]).then(() => {}),
  };
}

/** Counts an attempt that came to nothing. */
export function count(figures: Figures, answer: string): void {
  figures.answers[answer] = (figures.answers[answer] ?? 0) + 1;
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
