import { MAX_FRAMES_UNDERWAY, MAX_LINES_WAITING, MAX_WAITING_LENGTH, RESYNC } from "./pipe-protocol.ts";

export interface Outbox {
  add(line: string): void;
  /** Everything that waits as one frame, or undefined when nothing waits or too many frames are underway. */
  take(): string | undefined;
  credit(frames: number): void;
  waiting(): number;
}

/** The lines for one gateway. One that overflows forgets them all and tells the gateway to fetch what it missed. */
export function createOutbox(): Outbox {
  let lines: string[] = [];
  let length = 0;
  let underway = 0;
  return {
    add(line) {
      if (lines.length >= MAX_LINES_WAITING || length >= MAX_WAITING_LENGTH) {
        lines = [RESYNC];
        length = 0;
      }
      lines.push(line);
      length += line.length;
    },
    take() {
      if (lines.length === 0 || underway >= MAX_FRAMES_UNDERWAY) return undefined;
      const frame = lines.length === 1 ? lines[0] : lines.join("\n");
      lines = [];
      length = 0;
      underway++;
      return frame;
    },
    credit(frames) {
      underway = Math.max(0, underway - frames);
    },
    waiting: () => lines.length,
  };
}
