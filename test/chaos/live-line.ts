import type { FaultWord } from "./check/evidence.ts";
import type { LoadFigures } from "./load/load-job.ts";

/** How often the line is written where nobody sees it replaced. */
const LOG_EVERY_MS = 10_000;

export interface LiveLine {
  /** To be called every second. */
  show(figures: LoadFigures): void;
  /** A text of its own, above the line. */
  say(text: string): void;
  end(): void;
}

export interface LiveState {
  readonly kills: () => number;
  /** What the checks of finished auctions have found so far. */
  readonly found: Readonly<Record<FaultWord, number>>;
}

/** One line on stderr that says how the run goes: replaced every second on a terminal, appended every ten in a log. */
export function liveLine(state: LiveState): LiveLine {
  const { stderr } = process;
  let lastMs = 0;
  let before = { bids: 0, atMs: performance.now() };
  let shown = false;
  return {
    show(figures) {
      const nowMs = performance.now();
      if (!stderr.isTTY && nowMs - lastMs < LOG_EVERY_MS) return;
      const rate = ((figures.bids - before.bids) / (nowMs - before.atMs)) * 1_000;
      before = { bids: figures.bids, atMs: nowMs };
      lastMs = nowMs;
      const { lost, doubled, late } = state.found;
      const text =
        `bids ${figures.bids.toLocaleString("en")} · kills ${state.kills()} · ` +
        `acknowledged ${figures.acknowledged.toLocaleString("en")} · open ${figures.open} · ` +
        `lost ${lost} · doubled ${doubled} · late ${late} · ${Math.round(rate)}/s`;
      stderr.write(stderr.isTTY ? `\r\u001B[K${text}` : `chaos: ${text}\n`);
      shown = stderr.isTTY;
    },
    say(text) {
      stderr.write(`${shown ? "\r\u001B[K" : ""}chaos: ${text}\n`);
      shown = false;
    },
    end() {
      if (shown) stderr.write("\n");
      shown = false;
    },
  };
}
