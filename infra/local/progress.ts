/** How often the seconds on the line are counted up. */
const REDRAW_MS = 500;

/**
 * Shows what a start is doing: one line that changes on a terminal, a plain line for each step elsewhere.
 * `quiet` shows nothing.
 */
export interface Progress {
  step(text: string): void;
  /** Clears the line, so that something lasting can be printed. */
  done(): void;
}

export function createProgress(stream: NodeJS.WriteStream, quiet = false): Progress {
  if (quiet) return { step: () => {}, done: () => {} };
  if (!stream.isTTY) return { step: (text) => void stream.write(`${text} …\n`), done: () => {} };
  let text = "";
  let startedMs = 0;
  let timer: NodeJS.Timeout | undefined;
  const draw = (): void => {
    const seconds = Math.round((performance.now() - startedMs) / 1_000);
    stream.write(`\r\u001b[2K${text} …${seconds > 0 ? ` ${seconds} s` : ""}`);
  };
  return {
    step(next) {
      text = next;
      startedMs = performance.now();
      timer ??= setInterval(draw, REDRAW_MS);
      draw();
    },
    done() {
      clearInterval(timer);
      timer = undefined;
      stream.write("\r\u001b[2K");
    },
  };
}
